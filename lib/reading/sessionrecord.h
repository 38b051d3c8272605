/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A record of a session, made from its state and totals.
 */

#ifndef READING_SESSIONRECORD_H
#define READING_SESSIONRECORD_H

#include "reading/onesession.h"
#include "reading/processes.h"
#include "store/record.h"

/* What a record says beyond the state. */
struct sessionrecord_entry {
        const char *event; /* "start", "interim", "stop" */
        uint64_t realtime; /* the moment of its values, microseconds */
        int64_t duration;  /* microseconds, or FIELD_UNKNOWN */
        const char *terminate_cause;
        bool complete;
        const char *incomplete_cause;      /* NULL: the account has it */
        const struct processes *processes; /* NULL: nobody has looked */
};

int sessionrecord_make(const struct session *session, const struct sessionrecord_entry *entry,
                       struct record **ret_record);

#endif
