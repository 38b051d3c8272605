/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * usageline_decode(): what it accepts is written the same from then on.
 */

#include "fuzz.h"
#include "store/usageline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(usageline_freep) struct usageline *line = NULL, *again = NULL;
        _cleanup_(freep) char *text = NULL, *second = NULL;
        size_t n, m;
        const char *field = NULL;

        if (usageline_decode((const char *)data, size, &line, &field)) {
                fuzz_assert(field != NULL);
                return 0;
        }
        fuzz_assert(line->time && line->since && line->until && line->period);
        fuzz_assert(usageline_encode(line, &text, &n) == 0);
        fuzz_assert(usageline_decode(text, n, &again, &field) == 0);
        fuzz_assert(usageline_encode(again, &second, &m) == 0);
        fuzz_assert(n == m && !memcmp(text, second, n));
        return 0;
}
