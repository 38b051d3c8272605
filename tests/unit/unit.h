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

#define UNIT_COUNT(array) (sizeof(array) / sizeof(*(array)))

#endif
