/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The database of the index.
 *
 * Owns: its tables and every statement; and what each result of sqlite3 means to us.
 */

#ifndef INDEX_DB_H
#define INDEX_DB_H

#include "base/cleanup.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum db_statement {
        DB_BEGIN,
        DB_BEGIN_READ,
        DB_COMMIT,
        DB_ROLLBACK,
        DB_ADD_SLOT,
        DB_ADD_DAY,
        DB_FIND_SESSION,
        DB_PUT_SESSION,
        DB_LAST_SESSION,
        DB_FIND_RECORD,
        DB_PUT_RECORD,
        DB_WALK_RECORDS,
        DB_FIND_TEXT,
        DB_PUT_TEXT,
        DB_FIND_PARTY,
        DB_GET_PARTY,
        DB_PUT_PARTY,
        DB_WALK_PARTIES,
        DB_WALK_FILES,
        DB_PUT_FILE,
        DB_FORGET_FILE,
        DB_ADD_COUNTS,
        DB_COUNTS,
        DB_OPEN_UNTIL,
        DB_WALK_LATE,
        DB_OPEN_ACCOUNTS,
        DB_ADD_CAUSE,
        DB_WALK_CAUSES,
        DB_PUT_LOGIN,
        DB_PUT_MARK,
        DB_WALK_MARKS,
        DB_WALK_SLOTS,
        DB_WALK_DAYS,
        DB_CHANGES, /* of others: data_version */
        DB_STATEMENTS,
};

/* A sum that no number holds. It stays that, whatever is added or taken back. */
#define DB_NO_NUMBER INT64_MIN

struct db {
        sqlite3 *handle;
        sqlite3_stmt *statements[DB_STATEMENTS];
};

int db_open(const char *path, const char *log, struct db *ret_db);
void db_close(struct db *db);

int db_result(int result);
int db_reason(const struct db *db, int r);
int db_statement(struct db *db, enum db_statement id, sqlite3_stmt **ret_statement);
int db_bind(struct db *db, enum db_statement id, const int64_t *values, size_t n,
            sqlite3_stmt **ret_statement);
int db_write(struct db *db, enum db_statement id, const int64_t *values, size_t n);
int db_run(struct db *db, enum db_statement id);
int db_step(sqlite3_stmt *statement, bool *ret_row);
int64_t db_integer(sqlite3_stmt *statement, int column);
int64_t db_sum(sqlite3_stmt *statement, int column);
void db_sum_add(int64_t *sum, int64_t number);
void db_sum_subtract(int64_t *sum, int64_t number);
uint64_t db_sum_positive(int64_t sum);
char *db_text(sqlite3_stmt *statement, int column);

/* Make a statement ready for the next time, and let go of what it holds. */
static inline void db_donep(sqlite3_stmt **statement) {
        if (*statement)
                (void)sqlite3_reset(*statement);
}

#endif
