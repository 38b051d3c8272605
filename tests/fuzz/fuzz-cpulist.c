/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * cpulist_count(): a list has from one processor to the most that a kernel may have.
 */

#include "fuzz.h"
#include "usermap/cpulist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char *text = fuzz_text(data, size);
        size_t n = 0;

        if (!cpulist_count(text, &n))
                fuzz_assert(n >= 1 && n <= CPULIST_MOST);
        free(text);
        return 0;
}
