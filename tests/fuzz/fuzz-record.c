/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * record_decode(): what it accepts is written the same from then on.
 */

#include "fuzz.h"
#include "pam_traffic/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(record_freep) struct record *record = NULL, *again = NULL;
        _cleanup_(freep) char *line = NULL, *second = NULL;
        size_t n, m;
        const char *field = NULL;

        if (record_decode((const char *)data, size, &record, &field)) {
                fuzz_assert(field != NULL);
                return 0;
        }
        fuzz_assert(record_encode(record, &line, &n) == 0);
        fuzz_assert(record_decode(line, n, &again, &field) == 0);
        fuzz_assert(record_encode(again, &second, &m) == 0);
        fuzz_assert(n == m && !memcmp(line, second, n));
        return 0;
}
