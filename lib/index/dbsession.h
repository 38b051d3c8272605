/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One session, as the database has it.
 */

#ifndef INDEX_DBSESSION_H
#define INDEX_DBSESSION_H

#include "index/buckets.h"
#include "index/db.h"
#include "index/deltas.h"

#include <stdbool.h>
#include <stdint.h>

/* How a session is counted: where it begins and ends, as whose, and as what. */
struct dbsession_presence {
        int64_t first, last; /* slots */
        int64_t party;
        int64_t class;
        int64_t cause;
        bool counted;
        bool stopped;
};

struct dbsession {
        int64_t high, low; /* the session's id */
        int64_t id;        /* of its row; 0: there is no account here */
        int64_t party;
        int64_t cause;
        int64_t named; /* the first record that has the user's name; DELTAS_UNKNOWN: none has */
        struct deltas deltas;
        struct deltas_part first;      /* what its first record added ... */
        bool single;                   /* ... if that is known, and there is no other one */
        struct dbsession_presence was; /* as the database counts it */
        int64_t kinds;                 /* what it is for, in SUMMARY_KINDS; the party has them */
        bool loose;                    /* records came out of order: what it added was taken back */
        bool changed;                  /* since it was written */
};

void dbsession_presence(const struct dbsession *account, struct dbsession_presence *ret_presence);
int dbsession_find(struct db *db, struct dbsession *account, bool *ret_found);
int dbsession_write(struct db *db, const struct dbsession *account);
int dbsession_before(struct db *db, int64_t id, int64_t seq, int64_t ret_bytes[static 2]);
int dbsession_walk(struct db *db, struct buckets *buckets, const struct dbsession *account,
                   int sign, struct deltas *ret_deltas);
int dbsession_put_record(struct db *db, const struct dbsession *account,
                         const struct deltas_record *record);
int dbsession_has_record(struct db *db, const struct dbsession *account, int64_t seq,
                         bool *ret_has);

#endif
