/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is known of a session by those of its records that were read.
 */

#ifndef STORE_SUMMARY_H
#define STORE_SUMMARY_H

#include "store/record.h"

#include <stdbool.h>
#include <stdint.h>

/* What a record says; the index keeps these numbers. */
enum summary_flag {
        SUMMARY_START = 1,
        SUMMARY_STOP = 2,
        SUMMARY_INCOMPLETE = 4, /* bytes may be missing */
        SUMMARY_EXCLUDED = 8,
        SUMMARY_PORT = 16, /* no session: all of a port's traffic */
        SUMMARY_FLAGS = 31,
        /* what one record says holds for its session */
        SUMMARY_KEPT = SUMMARY_STOP | SUMMARY_EXCLUDED | SUMMARY_PORT,
};

struct summary {
        int64_t stands; /* the number of the record that stands for the session */
        int64_t last;   /* the highest number; both RECORD_UNKNOWN: no record was taken */
        uint64_t began; /* as that which stands has it, CLOCK_REALTIME in microseconds */
        uint64_t time;  /* of that which stands, likewise */
        uint8_t flags;  /* of the last one, and what is kept */
};

#define SUMMARY_INIT \
        { .stands = RECORD_UNKNOWN, .last = RECORD_UNKNOWN }

bool summary_take(struct summary *summary, const struct record *record);
uint8_t summary_flags(const struct record *record);
uint64_t summary_began(const struct record *record);

#endif
