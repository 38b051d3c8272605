/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * record_decode(): what it accepts is written the same from then on. A blank before it makes a line
 * one for jansson alone (lib/store/recordscan.c); that must say the same.
 */

#include "fuzz.h"
#include "store/record.h"

static void check_both(const uint8_t *data, size_t size, const char *line, size_t n) {
        _cleanup_(record_freep) struct record *record = NULL;
        _cleanup_(freep) char *blank = malloc(size + 1), *other = NULL;
        const char *field = NULL;
        size_t m = 0;

        fuzz_assert(!!blank);
        *blank = ' ';
        if (size)
                memcpy(blank + 1, data, size);
        if (record_decode(blank, size + 1, &record, &field)) {
                fuzz_assert(!line);
                return;
        }
        fuzz_assert(line && record_encode(record, &other, &m) == 0);
        fuzz_assert(n == m && !memcmp(line, other, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(record_freep) struct record *record = NULL, *again = NULL;
        _cleanup_(freep) char *line = NULL, *second = NULL;
        size_t n, m;
        const char *field = NULL;

        if (record_decode((const char *)data, size, &record, &field)) {
                fuzz_assert(field != NULL);
                check_both(data, size, NULL, 0);
                return 0;
        }
        fuzz_assert(record_encode(record, &line, &n) == 0);
        check_both(data, size, line, n);
        fuzz_assert(record_decode(line, n, &again, &field) == 0);
        fuzz_assert(record_encode(again, &second, &m) == 0);
        fuzz_assert(n == m && !memcmp(line, second, n));
        return 0;
}
