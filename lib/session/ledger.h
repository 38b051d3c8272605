/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Writing a session's records.
 */

#ifndef SESSION_LEDGER_H
#define SESSION_LEDGER_H

#include "session/onesession.h"
#include "store/record.h"

/* What a record says beyond the state. */
struct ledger_entry {
        const char *event; /* "start", "interim", "stop" */
        uint64_t realtime; /* the moment it speaks of, microseconds */
        int64_t duration;  /* microseconds, or FIELD_UNKNOWN */
        const char *terminate_cause;
        bool complete;
        const char *incomplete_cause; /* NULL: the account has it */
};

int ledger_record(const struct session *session, const struct ledger_entry *entry,
                  struct record **ret_record);
int ledger_write(struct session *session, const struct ledger_entry *entry);
int ledger_settle(struct session *session);

#endif
