/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Accounts of the users' ledger whose name came late.
 *
 * The sums have the whole account as its user's. A counter must not: what it has once counted for a
 * uid cannot become a name's.
 */

#include "index/latenames.h"

#include "index/dbsession.h"

#include <errno.h>
#include <stdlib.h>

static int latenames_take(struct index_answer *answer, struct db *db, sqlite3_stmt *row) {
        int64_t bytes[2];
        int r = dbsession_before(db, db_integer(row, 0), db_integer(row, 1), bytes);
        struct index_late *late;

        if (r)
                return r;
        late = reallocarray(answer->late, answer->n_late + 1, sizeof(*late));
        if (!late)
                return -ENOMEM;
        answer->late = late;
        late += answer->n_late++;
        *late = (struct index_late){
                .user = db_text(row, 2),
                .uid = db_text(row, 3),
                .in = db_sum_positive(bytes[0]),
                .out = db_sum_positive(bytes[1]),
        };
        return late->user && late->uid ? 0 : INDEX_E_DAMAGED;
}

/**
 * latenames_read() - tell whose name came late, and what was recorded before
 * @db:         the database, in a transaction
 * @answer:     gets it
 *
 * Return: 0, or as db_result().
 */
int latenames_read(struct db *db, struct index_answer *answer) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        bool row = true;
        int r;

        r = db_bind(db, DB_WALK_LATE, NULL, 0, &statement);
        while (!r) {
                r = db_step(statement, &row);
                if (r || !row)
                        break;
                r = latenames_take(answer, db, statement);
        }
        return r;
}

/**
 * latenames_free() - forget what latenames_read() told
 * @answer:     has it
 */
void latenames_free(struct index_answer *answer) {
        for (size_t i = 0; i < answer->n_late; i++) {
                free(answer->late[i].user);
                free(answer->late[i].uid);
        }
        free(answer->late);
}
