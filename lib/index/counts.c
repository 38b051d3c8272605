/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Totals over the whole index: records, bad lines, sessions, and the causes of their ends.
 */

#include "base/patience.h"
#include "index/private.h"

#include <stdlib.h>

/* What was counted cannot be negative, whatever a database says. */
static uint64_t counts_number(sqlite3_stmt *row, int column) {
        int64_t number = db_integer(row, column);

        return number > 0 ? (uint64_t)number : 0;
}

static int counts_open_until(struct index *index, uint64_t *ret_until) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        bool row;
        int r;

        r = db_bind(&index->db, DB_OPEN_UNTIL, NULL, 0, &statement);
        if (!r)
                r = db_step(statement, &row);
        if (!r)
                *ret_until = row ? counts_number(statement, 0) : 0;
        return r;
}

/**
 * index_counts() - tell what was taken in
 * @index:              the index
 * @ret_counts:         what was
 *
 * Return: 0, INDEX_E_DAMAGED, INDEX_E_BUSY, or a negative errno.
 */
int index_counts(struct index *index, struct index_counts *ret_counts) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        uint64_t until;
        bool row;
        int r;

        r = db_bind(&index->db, DB_COUNTS, NULL, 0, &statement);
        if (!r)
                r = db_step(statement, &row);
        if (r || !row)
                return r ? r : INDEX_E_DAMAGED;
        r = counts_open_until(index, &until);
        if (r)
                return r;
        *ret_counts = (struct index_counts){
                .records = counts_number(statement, 0),
                .bad_lines = counts_number(statement, 1),
                .sessions = counts_number(statement, 2),
                .open = counts_number(statement, 3),
                .open_until = until,
                .incomplete = counts_number(statement, 4),
                .first = counts_number(statement, 5),
                .last = counts_number(statement, 6),
        };
        return 0;
}

/**
 * index_counts_accounts() - tell which accounts of users are open, and to when they are counted
 * @index:      the index, of INDEX_USERS
 * @interval:   interim_interval: the time between two records of what moves; 0: an hour
 * @counts:     what index_counts() told; gets open and open_until
 *
 * No record says that an account is over. But one that moved something after its last record has
 * another record once that is so long ago; when the log's newest record was made, that was looked
 * at. So those whose last record is younger may have moved something since. Where what is not in
 * the log is supposed, nothing is missing.
 *
 * Return: 0, INDEX_E_DAMAGED, INDEX_E_BUSY, or a negative errno.
 */
int index_counts_accounts(struct index *index, uint64_t interval, struct index_counts *counts) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        bool row;
        int r;

        if (index->supposes)
                return 0;
        interval = interval ? interval : PORTS_INTERVAL;
        r = db_bind(&index->db, DB_OPEN_ACCOUNTS, (int64_t[]){ (int64_t)interval }, 1, &statement);
        if (!r)
                r = db_step(statement, &row);
        if (r || !row)
                return r ? r : INDEX_E_DAMAGED;
        counts->open = counts_number(statement, 0);
        counts->open_until = counts_number(statement, 1);
        return 0;
}

/**
 * index_counts_causes() - tell how sessions ended
 * @index:      the index
 * @cause:      told each cause
 * @context:    handed to @cause
 *
 * Return: 0, what @cause returned, INDEX_E_DAMAGED, INDEX_E_BUSY, or a negative errno.
 */
int index_counts_causes(struct index *index, index_cause cause, void *context) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        bool row = true;
        int r;

        r = db_bind(&index->db, DB_WALK_CAUSES, NULL, 0, &statement);
        while (!r) {
                _cleanup_(freep) char *text = NULL;

                r = db_step(statement, &row);
                if (r || !row)
                        break;
                text = db_text(statement, 0);
                if (counts_number(statement, 1))
                        r = cause(context, text, counts_number(statement, 1));
        }
        return r;
}
