/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What every unit test includes: cmocka, and what its header leaves to its users.
 */

#ifndef PAM_TRAFFIC_TESTS_UNIT_H
#define PAM_TRAFFIC_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#define UNIT_COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Leave the test: the machine lacks something. cmocka's skip() says "not ok ... # SKIP", which is a
 * failure; tests/lib/results.py counts this line. */
#define unit_skip(reason)                                 \
        do {                                              \
                print_message("# skipped: %s\n", reason); \
                return;                                   \
        } while (0)

#define unit_needs_root()                        \
        do {                                     \
                if (geteuid())                   \
                        unit_skip("needs root"); \
        } while (0)

#endif
