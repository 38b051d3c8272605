/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Damaged files of the state folder: each is refused, and the complaint names what is wrong.
 */

#ifndef TESTS_UNIT_DAMAGED_H
#define TESTS_UNIT_DAMAGED_H

#include "store/statefile.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

/* A part of a good file, what stands there instead, and what the complaint has to name. */
struct damage {
        const char *good;
        const char *bad;
        const char *field;
};

/* decode: hands out nothing if it fails, and frees what it made if not. */
typedef int (*damaged_decode)(const char *data, size_t size, const char **ret_field);

static void damaged_refused(damaged_decode decode, const char *data, size_t size,
                            const struct damage *damages, size_t n_damages) {
        const char *field;

        for (size_t i = 0; i < n_damages; i++) {
                const char *place = strstr(data, damages[i].good);
                char bad[8192];
                int n;

                assert_non_null(place);
                n = snprintf(bad, sizeof(bad), "%.*s%s%s", (int)(place - data), data,
                             damages[i].bad, place + strlen(damages[i].good));
                field = NULL;
                assert_int_equal(decode(bad, (size_t)n, &field), STATE_E_INVALID);
                assert_string_equal(field, damages[i].field);
        }
        /* cut short anywhere */
        for (size_t n = 0; n < size; n++)
                assert_int_equal(decode(data, n, &field), STATE_E_INVALID);
}

#endif
