/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * process_stat_parse(): what it accepts has a name that ends and a parent that is no negative
 * number.
 */

#include "fuzz.h"
#include "net/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct process_stat stat;

        if (process_stat_parse((const char *)data, size, &stat) < 0)
                return 0;
        fuzz_assert(memchr(stat.comm, '\0', sizeof(stat.comm)) != NULL);
        fuzz_assert(stat.parent >= 0);
        return 0;
}
