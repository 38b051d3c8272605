/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One session, as the database has it.
 *
 * Owns: the form of its row and of its records' rows. Values that are read from them are limited to
 * the range that a line of the log must keep.
 */

#include "index/dbsession.h"

#include <string.h>

#define DBSESSION_TIME_MAX (INT64_C(1) << 58) /* beyond the year 9999 */
#define DBSESSION_SEQ_MAX (INT64_MAX - 1)

/* The columns of a session, in the table's order. */
enum dbsession_column {
        DBSESSION_ID,
        DBSESSION_HIGH,
        DBSESSION_LOW,
        DBSESSION_PARTY,
        DBSESSION_CAUSE,
        DBSESSION_SEQ,
        DBSESSION_FIRST_SEQ,
        DBSESSION_NAMED_SEQ,
        DBSESSION_FIRST,
        DBSESSION_LAST,
        DBSESSION_TIME,
        DBSESSION_FLAGS,
        DBSESSION_UNKNOWN,
        DBSESSION_TOTALS,
        DBSESSION_COLUMNS = DBSESSION_TOTALS + 2 * DELTAS_LAYERS,
};

static int64_t dbsession_bound(int64_t number, int64_t low, int64_t high) {
        return number < low ? low : number > high ? high : number;
}

/**
 * dbsession_presence() - tell how a session is to be counted
 * @account:            the session
 * @ret_presence:       how
 */
void dbsession_presence(const struct dbsession *account, struct dbsession_presence *ret_presence) {
        const struct deltas *deltas = &account->deltas;
        int64_t class = deltas->unknown * BUCKET_UNKNOWN;

        if (deltas->flags & SUMMARY_EXCLUDED)
                class |= BUCKET_EXCLUDED;
        else if (deltas->flags & (SUMMARY_INCOMPLETE | SUMMARY_MISSED))
                class |= BUCKET_INCOMPLETE;
        *ret_presence = (struct dbsession_presence){
                .first = buckets_slot(deltas->first),
                .last = buckets_slot(deltas->last - (deltas->last > deltas->first)),
                .party = account->party,
                .class = class,
                .cause = account->cause,
                .counted = deltas->seq != DELTAS_UNKNOWN && !(deltas->flags & SUMMARY_PORT),
                .stopped = deltas->flags & SUMMARY_STOP,
        };
}

/**
 * dbsession_find() - read a session
 * @db:         the database
 * @account:    the session, of which high and low are set
 * @ret_found:  whether it is there; else @account is one without records
 *
 * Return: 0, or as db_result().
 */
int dbsession_find(struct db *db, struct dbsession *account, bool *ret_found) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        struct deltas *deltas = &account->deltas;
        int64_t of[DBSESSION_COLUMNS];
        bool row;
        int r;

        r = db_bind(db, DB_FIND_SESSION, (int64_t[]){ account->high, account->low }, 2, &statement);
        if (!r)
                r = db_step(statement, &row);
        if (r)
                return r;
        *ret_found = row;
        *account = (struct dbsession){
                .high = account->high,
                .low = account->low,
                .named = DELTAS_UNKNOWN,
        };
        deltas_begin(deltas);
        if (!row)
                return 0;

        for (int i = 0; i < DBSESSION_COLUMNS; i++)
                of[i] = db_integer(statement, i);
        account->id = of[DBSESSION_ID];
        account->party = of[DBSESSION_PARTY];
        account->cause = of[DBSESSION_CAUSE];
        deltas->seq = dbsession_bound(of[DBSESSION_SEQ], 0, DBSESSION_SEQ_MAX);
        deltas->low = dbsession_bound(of[DBSESSION_FIRST_SEQ], 0, DBSESSION_SEQ_MAX);
        account->named =
                dbsession_bound(of[DBSESSION_NAMED_SEQ], DELTAS_UNKNOWN, DBSESSION_SEQ_MAX);
        deltas->first = dbsession_bound(of[DBSESSION_FIRST], 0, DBSESSION_TIME_MAX);
        deltas->last = dbsession_bound(of[DBSESSION_LAST], 0, DBSESSION_TIME_MAX);
        deltas->time = dbsession_bound(of[DBSESSION_TIME], 0, DBSESSION_TIME_MAX);
        deltas->flags = of[DBSESSION_FLAGS] & SUMMARY_FLAGS;
        account->kinds = deltas->flags & SUMMARY_KINDS;
        deltas->unknown = of[DBSESSION_UNKNOWN] & ((1 << DELTAS_LAYERS) - 1);
        for (int i = 0; i < 2 * DELTAS_LAYERS; i++)
                deltas->total[i / 2][i % 2] =
                        dbsession_bound(of[DBSESSION_TOTALS + i], DELTAS_UNKNOWN, INT64_MAX);
        dbsession_presence(account, &account->was);
        return 0;
}

/**
 * dbsession_write() - write a session
 * @db:         the database, in a transaction
 * @account:    the session
 *
 * Return: 0, or as db_result().
 */
int dbsession_write(struct db *db, const struct dbsession *account) {
        const struct deltas *deltas = &account->deltas;
        int64_t of[DBSESSION_COLUMNS] = {
                [DBSESSION_ID] = account->id,          [DBSESSION_HIGH] = account->high,
                [DBSESSION_LOW] = account->low,        [DBSESSION_PARTY] = account->party,
                [DBSESSION_CAUSE] = account->cause,    [DBSESSION_SEQ] = deltas->seq,
                [DBSESSION_FIRST_SEQ] = deltas->low,   [DBSESSION_NAMED_SEQ] = account->named,
                [DBSESSION_FIRST] = deltas->first,     [DBSESSION_LAST] = deltas->last,
                [DBSESSION_TIME] = deltas->time,       [DBSESSION_FLAGS] = deltas->flags,
                [DBSESSION_UNKNOWN] = deltas->unknown,
        };

        memcpy(&of[DBSESSION_TOTALS], deltas->total, sizeof(deltas->total));
        return db_write(db, DB_PUT_SESSION, of, DBSESSION_COLUMNS);
}

/**
 * dbsession_put_record() - write a record's row
 * @db:         the database, in a transaction
 * @account:    its session
 * @record:     the record, which is not there yet
 *
 * Return: 0, or as db_result().
 */
int dbsession_put_record(struct db *db, const struct dbsession *account,
                         const struct deltas_record *record) {
        int64_t of[6 + 2 * DELTAS_LAYERS] = { account->id,   record->seq,      record->time,
                                              record->flags, record->delta[0], record->delta[1] };

        memcpy(&of[6], record->total, sizeof(record->total));
        return db_write(db, DB_PUT_RECORD, of, 6 + 2 * DELTAS_LAYERS);
}

/**
 * dbsession_has_record() - tell whether a record was counted already
 * @db:         the database
 * @account:    its session
 * @seq:        its number
 * @ret_has:    whether it was
 *
 * Return: 0, or as db_result().
 */
int dbsession_has_record(struct db *db, const struct dbsession *account, int64_t seq,
                         bool *ret_has) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        int r = db_bind(db, DB_FIND_RECORD, (int64_t[]){ account->id, seq }, 2, &statement);

        return r ? r : db_step(statement, ret_has);
}

/* A row of DB_WALK_RECORDS. */
static void dbsession_read_record(sqlite3_stmt *row, struct deltas_record *ret_record) {
        *ret_record = (struct deltas_record){
                .seq = dbsession_bound(db_integer(row, 0), 0, DBSESSION_SEQ_MAX),
                .time = dbsession_bound(db_integer(row, 1), 0, DBSESSION_TIME_MAX),
                .flags = db_integer(row, 2) & SUMMARY_FLAGS,
        };
        for (int i = 0; i < 2; i++)
                ret_record->delta[i] =
                        dbsession_bound(db_integer(row, 3 + i), DELTAS_UNKNOWN, INT64_MAX);
        for (int i = 0; i < 2 * DELTAS_LAYERS; i++)
                ret_record->total[i / 2][i % 2] =
                        dbsession_bound(db_integer(row, 5 + i), DELTAS_UNKNOWN, INT64_MAX);
}

/**
 * dbsession_before() - tell what the records of a session have added before one of them
 * @db:         the database
 * @id:         of the session's row
 * @seq:        the record's number
 * @ret_bytes:  IP bytes, in and out; DB_NO_NUMBER if they are too many
 *
 * Return: 0, or as db_result().
 */
int dbsession_before(struct db *db, int64_t id, int64_t seq, int64_t ret_bytes[static 2]) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        struct deltas deltas;
        bool row = true;
        int r;

        deltas_begin(&deltas);
        ret_bytes[0] = ret_bytes[1] = 0;
        r = db_bind(db, DB_WALK_RECORDS, &id, 1, &statement);
        while (!r) {
                struct deltas_record record;
                struct deltas_part part;

                r = db_step(statement, &row);
                if (r || !row)
                        break;
                dbsession_read_record(statement, &record);
                if (record.seq >= seq)
                        break;
                deltas_step(&deltas, &record, &part);
                for (size_t way = 0; way < 2; way++)
                        db_sum_add(&ret_bytes[way], part.bytes[0][way]);
        }
        return r;
}

/**
 * dbsession_walk() - add what all records of a session add, or take it back
 * @db:         the database, in a transaction
 * @buckets:    the sums
 * @account:    the session
 * @sign:       1, or -1 to take it back
 * @ret_deltas:  what is known behind its last record
 *
 * Return: 0, or as db_result().
 */
int dbsession_walk(struct db *db, struct buckets *buckets, const struct dbsession *account,
                   int sign, struct deltas *ret_deltas) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        struct deltas deltas;
        bool row = true;
        int r;

        deltas_begin(&deltas);
        r = db_bind(db, DB_WALK_RECORDS, &account->id, 1, &statement);
        while (!r) {
                struct deltas_record record;
                struct deltas_part part;

                r = db_step(statement, &row);
                if (r || !row)
                        break;
                dbsession_read_record(statement, &record);
                deltas_step(&deltas, &record, &part);
                r = buckets_spread(buckets, db, account->party, &part, sign);
        }
        if (!r)
                *ret_deltas = deltas;
        return r;
}
