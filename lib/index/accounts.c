/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions of the index.
 *
 * Owns: a bounded cache of sessions that had records recently; that a record counts once; and that
 * the sums do not depend on the order of records: if a record comes late, what its session had
 * added is subtracted, and added again when all records are there.
 */

#include "index/accounts.h"

#include "base/map.h"
#include "base/uuid.h"
#include "index/dbsession.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNTS_ROOM ((size_t)1 << 14) /* a power of two */

/* The columns of the table counts, in DB_ADD_COUNTS' order. */
enum accounts_count {
        ACCOUNTS_RECORDS,
        ACCOUNTS_BAD,
        ACCOUNTS_SESSIONS,
        ACCOUNTS_OPEN,
        ACCOUNTS_INCOMPLETE,
        ACCOUNTS_FIRST,
        ACCOUNTS_LAST,
        ACCOUNTS_COUNTS,
};

struct accounts {
        struct db *db;
        struct buckets *buckets;
        struct parties *parties;
        int64_t last_id;
        int64_t counts[ACCOUNTS_COUNTS];
        struct dbsession of[ACCOUNTS_ROOM];
};

/**
 * accounts_new() - begin without any at hand
 * @db:                 the database
 * @buckets:            the sums
 * @parties:            the parties
 * @ret_accounts:       the sessions
 *
 * Return: 0 or -ENOMEM.
 */
int accounts_new(struct db *db, struct buckets *buckets, struct parties *parties,
                 struct accounts **ret_accounts) {
        struct accounts *accounts = calloc(1, sizeof(*accounts));

        if (!accounts)
                return -ENOMEM;
        accounts->db = db;
        accounts->buckets = buckets;
        accounts->parties = parties;
        *ret_accounts = accounts;
        return 0;
}

/**
 * accounts_free() - end what accounts_new() began
 * @accounts:   the sessions, or NULL; what was not flushed is lost
 *
 * Return: NULL.
 */
struct accounts *accounts_free(struct accounts *accounts) {
        free(accounts);
        return NULL;
}

/**
 * accounts_begin() - begin a transaction
 * @accounts:   the sessions; somebody else may have written since the last one
 *
 * Return: 0, or as db_result().
 */
int accounts_begin(struct accounts *accounts) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        bool row;
        int r;

        memset(accounts->counts, 0, sizeof(accounts->counts));
        memset(accounts->of, 0, sizeof(accounts->of));
        r = db_bind(accounts->db, DB_LAST_SESSION, NULL, 0, &statement);
        if (!r)
                r = db_step(statement, &row);
        if (!r)
                accounts->last_id = row ? db_integer(statement, 0) : 0;
        return r;
}

static int accounts_count_cause(struct accounts *accounts, int64_t cause, int64_t n) {
        return db_write(accounts->db, DB_ADD_CAUSE, (int64_t[]){ cause, n }, 2);
}

/* Count a session as it is, or take back how it was counted. */
static int accounts_count(struct accounts *accounts, const struct dbsession_presence *presence,
                          int sign) {
        struct buckets *buckets = accounts->buckets;
        int r;

        if (!presence->counted)
                return 0;
        accounts->counts[ACCOUNTS_SESSIONS] += sign;
        accounts->counts[ACCOUNTS_OPEN] += presence->stopped ? 0 : sign;
        accounts->counts[ACCOUNTS_INCOMPLETE] += presence->class & BUCKET_INCOMPLETE ? sign : 0;
        r = buckets_count(buckets, accounts->db, presence->first, presence->party, presence->class,
                          BUCKET_OPENED, sign);
        if (!r)
                r = buckets_count(buckets, accounts->db, presence->last, presence->party,
                                  presence->class, BUCKET_ENDED, sign);
        if (!r && presence->stopped)
                r = accounts_count_cause(accounts, presence->cause, sign);
        return r;
}

/* Write a session that was changed. */
static int accounts_settle(struct accounts *accounts, struct dbsession *account) {
        struct dbsession_presence is;
        int r = 0;

        if (!account->changed)
                return 0;
        if (account->loose)
                r = dbsession_walk(accounts->db, accounts->buckets, account, 1, &account->deltas);
        if (r)
                return r;
        account->loose = false;
        dbsession_presence(account, &is);
        r = accounts_count(accounts, &account->was, -1);
        if (!r)
                r = accounts_count(accounts, &is, 1);
        if (!r)
                r = dbsession_write(accounts->db, account);
        account->was = is;
        account->changed = false;
        return r;
}

static int accounts_get(struct accounts *accounts, const char *session,
                        struct dbsession **ret_account) {
        struct dbsession account = { .id = 0 };
        struct dbsession *at;
        uint64_t id[2];
        bool found;
        int r;

        uuid_number(session, id);
        account.high = (int64_t)id[0];
        account.low = (int64_t)id[1];
        at = &accounts->of[map_hash(0, id, sizeof(id)) & (ACCOUNTS_ROOM - 1)];
        if (!at->id || at->high != account.high || at->low != account.low) {
                r = accounts_settle(accounts, at);
                if (!r)
                        r = dbsession_find(accounts->db, &account, &found);
                if (r)
                        return r;
                if (!found)
                        account.id = ++accounts->last_id;
                *at = account;
        }
        *ret_account = at;
        return 0;
}

static void accounts_note(struct accounts *accounts, int64_t time) {
        int64_t *first = &accounts->counts[ACCOUNTS_FIRST],
                *last = &accounts->counts[ACCOUNTS_LAST];

        accounts->counts[ACCOUNTS_RECORDS]++;
        if (!*first || time < *first)
                *first = time;
        if (time > *last)
                *last = time;
}

/* Take back what a session has added, until it is settled. */
static int accounts_loosen(struct accounts *accounts, struct dbsession *account) {
        struct deltas deltas;
        int r;

        if (account->loose || account->deltas.seq == DELTAS_UNKNOWN)
                return 0;
        r = dbsession_walk(accounts->db, accounts->buckets, account, -1, &deltas);
        account->loose = account->changed = true;
        account->single = false;
        return r;
}

/* A record that comes late, or twice. */
static int accounts_take_late(struct accounts *accounts, struct dbsession *account,
                              const struct deltas_record *record, bool *ret_counted) {
        bool has = false;
        int r;

        r = dbsession_has_record(accounts->db, account, record->seq, &has);
        if (r || has) {
                *ret_counted = true;
                return r;
        }
        *ret_counted = false;
        return accounts_loosen(accounts, account);
}

/* Give what a session's only record has added to another party. */
static int accounts_move(struct accounts *accounts, const struct dbsession *account, int64_t from) {
        int r = buckets_spread(accounts->buckets, accounts->db, from, &account->first, -1);

        return r ? r
                 : buckets_spread(accounts->buckets, accounts->db, account->party, &account->first,
                                  1);
}

/* Whether a record says whose its session is, and no record before it says it better. */
static bool accounts_says_whose(const struct dbsession *account, const struct record *record,
                                int64_t seq) {
        if (parties_is_named(record))
                return account->named == DELTAS_UNKNOWN || seq < account->named;
        return account->named == DELTAS_UNKNOWN &&
               (account->deltas.seq == DELTAS_UNKNOWN || seq < account->deltas.low);
}

/* A session is whose its first record says, and for all that any of its records says. In the users'
 * ledger it is whose the first record with a name says, if one has a name. */
static int accounts_party(struct accounts *accounts, struct dbsession *account,
                          const struct record *record, const struct deltas_record *step) {
        bool whose = accounts_says_whose(account, record, step->seq);
        int64_t kinds = account->kinds | (step->flags & SUMMARY_KINDS), party = account->party;
        bool moves = whose || kinds != account->kinds;
        int r = 0;

        if (moves && !account->single)
                r = accounts_loosen(accounts, account);
        if (!r && whose)
                r = parties_get(accounts->parties, accounts->db, record,
                                (unsigned int)(kinds / SUMMARY_KIND), &account->party);
        else if (!r && moves)
                r = parties_rekind(accounts->parties, accounts->db, party,
                                   (unsigned int)(kinds / SUMMARY_KIND), &account->party);
        if (!r && moves && account->single)
                r = accounts_move(accounts, account, party);
        account->kinds = kinds;
        if (whose && parties_is_named(record))
                account->named = step->seq;
        return r;
}

/**
 * accounts_take() - take a record into its session's account
 * @accounts:   the sessions, in a transaction
 * @record:     the record, which logreader found good
 *
 * Return: 0, or as db_result().
 */
int accounts_take(struct accounts *accounts, const struct record *record) {
        struct deltas_record step;
        struct dbsession *account;
        bool counted = false;
        int r;

        deltas_read(record, &step);
        r = accounts_get(accounts, record->session, &account);
        if (r)
                return r;
        if (account->loose || step.seq <= account->deltas.seq) {
                r = accounts_take_late(accounts, account, &step, &counted);
                if (r || counted)
                        return r;
        }
        r = accounts_party(accounts, account, record, &step);
        if (!r && step.flags & SUMMARY_STOP)
                r = parties_text(accounts->parties, accounts->db, record->terminate_cause,
                                 &account->cause);
        if (!r && !account->loose) {
                struct deltas_part part;

                account->single = account->deltas.seq == DELTAS_UNKNOWN;
                deltas_step(&account->deltas, &step, &part);
                account->first = part;
                r = buckets_spread(accounts->buckets, accounts->db, account->party, &part, 1);
        } else if (!r && step.seq < account->deltas.low) {
                account->deltas.low = step.seq;
        }
        if (!r)
                r = dbsession_put_record(accounts->db, account, &step);
        account->changed = true;
        accounts_note(accounts, step.time);
        return r;
}

/**
 * accounts_uncount() - what was taken since the last flush are no records of the log
 * @accounts:   the sessions, in a transaction
 */
void accounts_uncount(struct accounts *accounts) {
        accounts->counts[ACCOUNTS_RECORDS] = 0;
}

/**
 * accounts_flush() - write all that was taken
 * @accounts:   the sessions, in a transaction
 * @bad_lines:  how many lines were passed over
 *
 * Return: 0, or as db_result().
 */
int accounts_flush(struct accounts *accounts, uint64_t bad_lines) {
        int r = 0;

        for (size_t i = 0; i < ACCOUNTS_ROOM && !r; i++)
                r = accounts_settle(accounts, &accounts->of[i]);
        if (!r)
                r = buckets_flush(accounts->buckets, accounts->db);
        accounts->counts[ACCOUNTS_BAD] = (int64_t)bad_lines;
        if (!r)
                r = db_write(accounts->db, DB_ADD_COUNTS, accounts->counts, ACCOUNTS_COUNTS);
        memset(accounts->counts, 0, sizeof(accounts->counts));
        return r;
}
