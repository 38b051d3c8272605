/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How long ago something is meant to be.
 */

#ifndef CLI_PERIODAGO_H
#define CLI_PERIODAGO_H

#include <stddef.h>
#include <stdint.h>

struct periodago {
        int months, days; /* of the calendar */
        uint64_t span;    /* beside them, microseconds */
};

int periodago_read(const char *text, size_t size, struct periodago *ret_ago);

#endif
