/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The looks of `top`, one after the other: the open sessions, and what they moved in between.
 */

#ifndef CLI_TOPLOOK_H
#define CLI_TOPLOOK_H

#include "cli/session/opens.h"

#include <limits.h>
#include <stdint.h>
#include <unistd.h>

struct toplook {
        const struct settings *settings;
        enum opens_order order;
        char host[HOST_NAME_MAX + 1];
        uint64_t realtime;   /* of the last look, microseconds of CLOCK_REALTIME */
        struct opens *opens; /* in the order */
        int64_t in_bytes;    /* sums of what is known */
        int64_t out_bytes;
        int64_t in_rate;
        int64_t out_rate;
};

int toplook_take(struct toplook *look, bool quiet);
void toplook_sort(struct toplook *look, enum opens_order order);
void toplook_clear(struct toplook *look);

#endif
