/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * socktable_next(): it ends after as many lines as there are, and both byte orders agree on what
 * is a row.
 */

#include "fuzz.h"
#include "net/socktable.h"

static size_t count_lines(const char *data, size_t size) {
        size_t n = size && data[size - 1] != '\n';

        for (size_t i = 0; i < size; i++)
                n += data[i] == '\n';
        return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const char *text = (const char *)data;
        struct socktable little, big;
        struct socktable_row a, b;
        int r;

        if (socktable_init(&little, text, size, LITTLE_ENDIAN))
                return 0;
        fuzz_assert(socktable_init(&big, text, size, BIG_ENDIAN) == 0);
        do {
                r = socktable_next(&little, &a);
                fuzz_assert(socktable_next(&big, &b) == r);
                if (!r) {
                        fuzz_assert(a.inode == b.inode && a.local.port == b.local.port);
                        fuzz_assert(a.local.address.family != AF_UNSPEC);
                }
        } while (r != SOCKTABLE_E_END);
        fuzz_assert(little.line == count_lines(text, size));
        return 0;
}
