/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The marks of the log, those of one ledger. A mark that is read twice is there once.
 */

#include "index/marks.h"

#include "base/clock.h"
#include "index/private.h"

/**
 * marks_put() - take a mark into the index
 * @db:         the database, in a transaction
 * @parties:    have the texts
 * @record:     the mark, which logreader found good
 *
 * Return: 0, or as db_result().
 */
int marks_put(struct db *db, struct parties *parties, const struct record *record) {
        int64_t host, cause;
        uint64_t time = 0;
        int r;

        (void)clock_parse(record->time, &time);
        r = parties_text(parties, db, record->host, &host);
        if (!r)
                r = parties_text(parties, db, record->incomplete_cause, &cause);
        if (!r)
                r = db_write(db, DB_PUT_MARK,
                             (int64_t[]){ host, (int64_t)time, gaps_is_off(record), cause }, 4);
        return r;
}

static int marks_read(struct index *index, struct gaps *gaps) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        bool row = true;
        int r = db_bind(&index->db, DB_WALK_MARKS, NULL, 0, &statement);

        while (!r) {
                _cleanup_(freep) char *host = NULL, *cause = NULL;
                int64_t time;

                r = db_step(statement, &row);
                if (r || !row)
                        break;
                host = db_text(statement, 0);
                time = db_integer(statement, 1);
                cause = db_text(statement, 3);
                r = gaps_add(gaps, host, time > 0 ? (uint64_t)time : 0, db_integer(statement, 2),
                             cause);
        }
        return r;
}

/**
 * index_marks() - tell when logins were not recorded, or users not counted
 * @index:      the index
 * @since:      from then on, CLOCK_REALTIME in microseconds
 * @until:      to then
 * @ret_gaps:   the gaps, to be given to gaps_clear(); the first is GAP_BEGIN if the log begins
 *              later, or, of users, never
 *
 * Return: 0, INDEX_E_DAMAGED, INDEX_E_BUSY, or a negative errno.
 */
int index_marks(struct index *index, uint64_t since, uint64_t until, struct gaps *ret_gaps) {
        _cleanup_(gaps_clear) struct gaps gaps = { .n = 0 };
        struct index_counts counts;
        uint64_t first;
        int r = index_counts(index, &counts);

        if (!r)
                r = marks_read(index, &gaps);
        if (r)
                return r;
        first = gaps_first(&gaps, counts.first);
        gaps_pair(&gaps, since, until);
        if (!first && index->ledger == INDEX_USERS)
                first = UINT64_MAX;
        if (first > since)
                r = gaps_before(&gaps, since, first);
        if (r)
                return r;
        *ret_gaps = gaps;
        gaps = (struct gaps){ .n = 0 };
        return 0;
}
