/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The records of a session, one after the other, and what each of them adds.
 */

#ifndef INDEX_TRAIL_H
#define INDEX_TRAIL_H

#include "store/summary.h"

#include <stdbool.h>
#include <stdint.h>

#define TRAIL_LAYERS 3 /* enum index_layer */
#define TRAIL_UNKNOWN (-1)

/* What a record says. In before out; TRAIL_UNKNOWN is unknown. */
struct trail_record {
        int64_t seq;
        int64_t time;  /* CLOCK_REALTIME in microseconds */
        int64_t flags; /* enum summary_flag */
        int64_t delta[2];
        int64_t total[TRAIL_LAYERS][2];
};

/* What is known behind the last record. */
struct trail {
        int64_t seq; /* of the last; TRAIL_UNKNOWN: there was none */
        int64_t low; /* of the first */
        int64_t first, last;
        int64_t time; /* of the last record, if no clock was put back */
        int64_t flags;
        int64_t unknown; /* a bit for each layer whose bytes are not all known */
        int64_t total[TRAIL_LAYERS][2];
};

/* What a record adds, and the span in which it flowed. */
struct trail_part {
        int64_t from, to;
        int64_t bytes[TRAIL_LAYERS][2];
};

void trail_begin(struct trail *trail);
void trail_read(const struct record *record, struct trail_record *ret_record);
void trail_step(struct trail *trail, const struct trail_record *record,
                struct trail_part *ret_part);

#endif
