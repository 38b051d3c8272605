/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One session, as the database has it.
 *
 * Owns: the form of its row and of its records' rows. What is read from them is put into the bounds
 * that a line of the log would have had to keep.
 */

#include "index/account.h"

#include <string.h>

#define ACCOUNT_TIME_MAX (INT64_C(1) << 58) /* beyond the year 9999 */
#define ACCOUNT_SEQ_MAX (INT64_MAX - 1)

/* The columns of a session, in the table's order. */
enum account_column {
        ACCOUNT_ID,
        ACCOUNT_HIGH,
        ACCOUNT_LOW,
        ACCOUNT_PARTY,
        ACCOUNT_CAUSE,
        ACCOUNT_SEQ,
        ACCOUNT_FIRST_SEQ,
        ACCOUNT_FIRST,
        ACCOUNT_LAST,
        ACCOUNT_TIME,
        ACCOUNT_FLAGS,
        ACCOUNT_UNKNOWN,
        ACCOUNT_TOTALS,
        ACCOUNT_COLUMNS = ACCOUNT_TOTALS + 2 * TRAIL_LAYERS,
};

static int64_t account_bound(int64_t number, int64_t low, int64_t high) {
        return number < low ? low : number > high ? high : number;
}

/**
 * account_key() - make two numbers of a session's id
 * @session:    the id, which uuid_valid() found good
 * @ret_high:   its first half
 * @ret_low:    its second half
 */
void account_key(const char *session, int64_t *ret_high, int64_t *ret_low) {
        uint64_t half[2] = { 0 };
        size_t digits = 0;

        for (; *session && digits < 32; session++) {
                if (*session == '-')
                        continue;
                half[digits / 16] =
                        half[digits / 16] << 4 |
                        (uint64_t)(*session <= '9' ? *session - '0' : *session - 'a' + 10);
                digits++;
        }
        *ret_high = (int64_t)half[0];
        *ret_low = (int64_t)half[1];
}

/**
 * account_presence() - tell how a session is to be counted
 * @account:            the session
 * @ret_presence:       how
 */
void account_presence(const struct account *account, struct account_presence *ret_presence) {
        const struct trail *trail = &account->trail;
        int64_t class = 0;

        /* what is excluded is not counted, which is more than not known */
        if (trail->flags & TRAIL_EXCLUDED)
                class = BUCKET_EXCLUDED;
        else
                class = (trail->flags & TRAIL_INCOMPLETE ? BUCKET_INCOMPLETE : 0) |
                        trail->unknown * BUCKET_UNKNOWN;
        *ret_presence = (struct account_presence){
                .first = buckets_slot(trail->first),
                .last = buckets_slot(trail->last - (trail->last > trail->first)),
                .party = account->party,
                .class = class,
                .cause = account->cause,
                .counted = trail->seq != TRAIL_UNKNOWN && !(trail->flags & TRAIL_PORT),
                .stopped = trail->flags & TRAIL_STOP,
        };
}

/**
 * account_find() - read a session
 * @db:         the database
 * @account:    the session, of which high and low are set
 * @ret_found:  whether it is there; else @account is one without records
 *
 * Return: 0, or as db_result().
 */
int account_find(struct db *db, struct account *account, bool *ret_found) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        struct trail *trail = &account->trail;
        int64_t of[ACCOUNT_COLUMNS];
        bool row;
        int r;

        r = db_bind(db, DB_FIND_SESSION, (int64_t[]){ account->high, account->low }, 2, &statement);
        if (!r)
                r = db_step(statement, &row);
        if (r)
                return r;
        *ret_found = row;
        *account = (struct account){ .high = account->high, .low = account->low };
        trail_begin(trail);
        if (!row)
                return 0;

        for (int i = 0; i < ACCOUNT_COLUMNS; i++)
                of[i] = db_integer(statement, i);
        account->id = of[ACCOUNT_ID];
        account->party = of[ACCOUNT_PARTY];
        account->cause = of[ACCOUNT_CAUSE];
        trail->seq = account_bound(of[ACCOUNT_SEQ], 0, ACCOUNT_SEQ_MAX);
        trail->low = account_bound(of[ACCOUNT_FIRST_SEQ], 0, ACCOUNT_SEQ_MAX);
        trail->first = account_bound(of[ACCOUNT_FIRST], 0, ACCOUNT_TIME_MAX);
        trail->last = account_bound(of[ACCOUNT_LAST], 0, ACCOUNT_TIME_MAX);
        trail->time = account_bound(of[ACCOUNT_TIME], 0, ACCOUNT_TIME_MAX);
        trail->flags = of[ACCOUNT_FLAGS] & TRAIL_FLAGS;
        trail->unknown = of[ACCOUNT_UNKNOWN] & ((1 << TRAIL_LAYERS) - 1);
        for (int i = 0; i < 2 * TRAIL_LAYERS; i++)
                trail->total[i / 2][i % 2] =
                        account_bound(of[ACCOUNT_TOTALS + i], TRAIL_UNKNOWN, INT64_MAX);
        account_presence(account, &account->was);
        return 0;
}

/**
 * account_write() - write a session
 * @db:         the database, in a transaction
 * @account:    the session
 *
 * Return: 0, or as db_result().
 */
int account_write(struct db *db, const struct account *account) {
        const struct trail *trail = &account->trail;
        int64_t of[ACCOUNT_COLUMNS] = {
                [ACCOUNT_ID] = account->id,       [ACCOUNT_HIGH] = account->high,
                [ACCOUNT_LOW] = account->low,     [ACCOUNT_PARTY] = account->party,
                [ACCOUNT_CAUSE] = account->cause, [ACCOUNT_SEQ] = trail->seq,
                [ACCOUNT_FIRST_SEQ] = trail->low, [ACCOUNT_FIRST] = trail->first,
                [ACCOUNT_LAST] = trail->last,     [ACCOUNT_TIME] = trail->time,
                [ACCOUNT_FLAGS] = trail->flags,   [ACCOUNT_UNKNOWN] = trail->unknown,
        };

        memcpy(&of[ACCOUNT_TOTALS], trail->total, sizeof(trail->total));
        return db_write(db, DB_PUT_SESSION, of, ACCOUNT_COLUMNS);
}

/**
 * account_put_record() - write a record's row
 * @db:         the database, in a transaction
 * @account:    its session
 * @record:     the record, which is not there yet
 *
 * Return: 0, or as db_result().
 */
int account_put_record(struct db *db, const struct account *account,
                       const struct trail_record *record) {
        int64_t of[6 + 2 * TRAIL_LAYERS] = { account->id,   record->seq,      record->time,
                                             record->flags, record->delta[0], record->delta[1] };

        memcpy(&of[6], record->total, sizeof(record->total));
        return db_write(db, DB_PUT_RECORD, of, 6 + 2 * TRAIL_LAYERS);
}

/**
 * account_has_record() - tell whether a record was counted already
 * @db:         the database
 * @account:    its session
 * @seq:        its number
 * @ret_has:    whether it was
 *
 * Return: 0, or as db_result().
 */
int account_has_record(struct db *db, const struct account *account, int64_t seq, bool *ret_has) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        int r = db_bind(db, DB_FIND_RECORD, (int64_t[]){ account->id, seq }, 2, &statement);

        return r ? r : db_step(statement, ret_has);
}

/**
 * account_walk() - add what all records of a session add, or take it back
 * @db:         the database, in a transaction
 * @buckets:    the sums
 * @account:    the session
 * @sign:       1, or -1 to take it back
 * @ret_trail:  what is known behind its last record
 *
 * Return: 0, or as db_result().
 */
int account_walk(struct db *db, struct buckets *buckets, const struct account *account, int sign,
                 struct trail *ret_trail) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        struct trail trail;
        bool row = true;
        int r;

        trail_begin(&trail);
        r = db_bind(db, DB_WALK_RECORDS, &account->id, 1, &statement);
        while (!r) {
                struct trail_record record;
                struct trail_part part;

                r = db_step(statement, &row);
                if (r || !row)
                        break;
                record = (struct trail_record){
                        .seq = account_bound(db_integer(statement, 0), 0, ACCOUNT_SEQ_MAX),
                        .time = account_bound(db_integer(statement, 1), 0, ACCOUNT_TIME_MAX),
                        .flags = db_integer(statement, 2) & TRAIL_FLAGS,
                };
                for (int i = 0; i < 2; i++)
                        record.delta[i] = account_bound(db_integer(statement, 3 + i), TRAIL_UNKNOWN,
                                                        INT64_MAX);
                for (int i = 0; i < 2 * TRAIL_LAYERS; i++)
                        record.total[i / 2][i % 2] = account_bound(db_integer(statement, 5 + i),
                                                                   TRAIL_UNKNOWN, INT64_MAX);
                trail_step(&trail, &record, &part);
                r = buckets_spread(buckets, db, account->party, &part, sign);
        }
        if (!r)
                *ret_trail = trail;
        return r;
}
