/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * spooltext_encode(), spooltext_decode(): any bytes come back as they were; what a text says is the
 * same after it was written once more.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "request/spooltext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *hostile = fuzz_text(data, size);
        char text[SPOOLTEXT_MAX], back[SPOOLTEXT_MAX];
        size_t n = 0;

        if (!spooltext_encode((const char *)data, size, text, sizeof(text))) {
                fuzz_assert(strlen(text) < sizeof(text));
                fuzz_assert(!spooltext_decode(text, back, sizeof(back), &n));
                fuzz_assert(n == size && memcmp(back, data, size) == 0);
        }
        if (!spooltext_decode(hostile, back, sizeof(back), &n)) {
                fuzz_assert(n <= sizeof(back));
                if (!spooltext_encode(back, n, text, sizeof(text))) {
                        char again[SPOOLTEXT_MAX];
                        size_t m = 0;

                        fuzz_assert(!spooltext_decode(text, again, sizeof(again), &m));
                        fuzz_assert(m == n && memcmp(again, back, n) == 0);
                }
        }
        return 0;
}
