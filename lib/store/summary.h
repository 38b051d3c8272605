/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the records of a session that were read tell about the session.
 */

#ifndef STORE_SUMMARY_H
#define STORE_SUMMARY_H

#include "net/loginkind.h"
#include "store/record.h"

#include <stdbool.h>
#include <stdint.h>

/* What a record says; the index keeps these numbers. */
enum summary_flag {
        SUMMARY_START = 1,
        SUMMARY_STOP = 2,
        SUMMARY_INCOMPLETE = 4, /* bytes may be missing */
        SUMMARY_EXCLUDED = 8,
        SUMMARY_PORT = 16, /* no session: the traffic of a port */
        SUMMARY_KIND = 32, /* what the login was for: enum loginkind, times this */
        SUMMARY_KINDS = LOGINKIND_ALL * SUMMARY_KIND,
        /* of a user: bytes may be missing of this record, and so of all later totals */
        SUMMARY_MISSED = (LOGINKIND_ALL + 1) * SUMMARY_KIND,
        SUMMARY_FLAGS = SUMMARY_MISSED | SUMMARY_KINDS | 31,
        /* once a record says one of these, it holds for the session */
        SUMMARY_KEPT =
                SUMMARY_STOP | SUMMARY_EXCLUDED | SUMMARY_PORT | SUMMARY_KINDS | SUMMARY_MISSED,
};

struct summary {
        int64_t stands; /* the number of the record that stands for the session */
        int64_t last;   /* the highest number; both RECORD_UNKNOWN: no record was taken */
        uint64_t began; /* of the record that stands, CLOCK_REALTIME in microseconds */
        uint64_t time;  /* likewise */
        uint16_t flags; /* of the record with the highest number, and SUMMARY_KEPT of all */
};

#define SUMMARY_INIT \
        { .stands = RECORD_UNKNOWN, .last = RECORD_UNKNOWN }

bool summary_take(struct summary *summary, const struct record *record);
uint16_t summary_flags(const struct record *record);
uint64_t summary_began(const struct record *record);

#endif
