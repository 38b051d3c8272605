/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The records of a session, one after the other, and what each of them adds.
 */

#ifndef INDEX_DELTAS_H
#define INDEX_DELTAS_H

#include "store/summary.h"

#include <stdbool.h>
#include <stdint.h>

#define DELTAS_LAYERS 3 /* enum index_layer */
#define DELTAS_UNKNOWN (-1)

/* What a record says. In before out; DELTAS_UNKNOWN is unknown. */
struct deltas_record {
        int64_t seq;
        int64_t time;  /* CLOCK_REALTIME in microseconds */
        int64_t flags; /* enum summary_flag */
        int64_t delta[2];
        int64_t total[DELTAS_LAYERS][2];
};

/* What is known behind the last record. */
struct deltas {
        int64_t seq; /* of the last; DELTAS_UNKNOWN: there was none */
        int64_t low; /* of the first */
        int64_t first, last;
        int64_t time; /* of the last record, if no clock was put back */
        int64_t flags;
        int64_t unknown; /* a bit for each layer whose bytes are not all known */
        int64_t total[DELTAS_LAYERS][2];
};

/* What a record adds, and the span in which it flowed. */
struct deltas_part {
        int64_t from, to;
        int64_t bytes[DELTAS_LAYERS][2];
};

void deltas_begin(struct deltas *deltas);
void deltas_read(const struct record *record, struct deltas_record *ret_record);
void deltas_step(struct deltas *deltas, const struct deltas_record *record,
                 struct deltas_part *ret_part);

#endif
