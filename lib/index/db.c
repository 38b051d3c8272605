/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The database of the index.
 *
 * Owns: every statement; how the file is opened. Only the admin can read it (0600), and no code in
 * it is run: the schema is compared with ours, and functions that a schema could name are switched
 * off.
 * Relies on: sqlite3, in WAL mode: one process writes while others read; a writer that is killed
 * leaves nothing of its transaction.
 */

#include "index/db.h"

#include "base/patience.h"
#include "index/index.h"
#include "index/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* db_sum_add() in SQL, where a sum that is too large is a floating point number; the least number
 * is DB_NO_NUMBER. */
#define DB_SUM(column)                                                                         \
        ", " column " = CASE WHEN min(" column ", excluded." column ") > -9223372036854775808" \
        " AND typeof(" column " + excluded." column ") = 'integer' THEN " column               \
        " + excluded." column " ELSE -9223372036854775808 END"

#define DB_SUMS                                                                                  \
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET opened = opened + "  \
        "excluded.opened, ended = ended + excluded.ended" DB_SUM("in_bytes") DB_SUM("out_bytes") \
                DB_SUM("wire_in") DB_SUM("wire_out") DB_SUM("payload_in") DB_SUM("payload_out")

static const char *const db_sql[DB_STATEMENTS] = {
        [DB_BEGIN] = "BEGIN IMMEDIATE",
        [DB_BEGIN_READ] = "BEGIN",
        [DB_COMMIT] = "COMMIT",
        [DB_ROLLBACK] = "ROLLBACK",
        [DB_ADD_SLOT] = "INSERT INTO slots" DB_SUMS,
        [DB_ADD_DAY] = "INSERT INTO days" DB_SUMS,
        [DB_FIND_SESSION] = "SELECT * FROM sessions WHERE high = ? AND low = ?",
        [DB_PUT_SESSION] = "REPLACE INTO sessions VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                           "?, ?, ?, ?, ?)",
        [DB_LAST_SESSION] = "SELECT coalesce(max(id), 0) FROM sessions",
        [DB_FIND_RECORD] = "SELECT 1 FROM records WHERE session = ? AND seq = ?",
        [DB_PUT_RECORD] = "INSERT INTO records VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [DB_WALK_RECORDS] = "SELECT seq, time, flags, delta_in, delta_out, in_bytes, out_bytes, "
                            "wire_in, wire_out, payload_in, payload_out FROM records WHERE session "
                            "= ? ORDER BY seq",
        [DB_FIND_TEXT] = "SELECT id FROM texts WHERE text = ?",
        [DB_PUT_TEXT] = "INSERT INTO texts(text) VALUES(?)",
        [DB_FIND_PARTY] = "SELECT id FROM parties WHERE kind = ? AND user = ? AND key = ? AND "
                          "remote = ? AND host = ? AND service = ? AND port = ? AND "
                          "audit = ? AND login_kinds = ?",
        [DB_GET_PARTY] =
                "SELECT kind, user, key, remote, host, service, port, audit FROM parties WHERE "
                "id = ?",
        [DB_PUT_PARTY] = "INSERT INTO parties(kind, user, key, remote, host, service, port, "
                         "audit, login_kinds) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [DB_WALK_PARTIES] =
                "SELECT p.id, p.kind, p.port, p.host, p.login_kinds, u.text, k.text, r.text, "
                "h.text, s.text, p.audit, l.high, l.low FROM "
                "parties p LEFT JOIN texts u ON u.id = p.user LEFT JOIN texts k ON k.id = p.key "
                "LEFT JOIN texts r ON r.id = p.remote LEFT JOIN texts h ON h.id = p.host LEFT JOIN "
                "texts s ON s.id = p.service LEFT JOIN logins l ON l.boot = p.remote AND "
                "l.audit = p.audit",
        [DB_WALK_FILES] = "SELECT * FROM files",
        [DB_PUT_FILE] = "REPLACE INTO files VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [DB_FORGET_FILE] = "DELETE FROM files WHERE id = ?",
        [DB_ADD_COUNTS] = "UPDATE counts SET records = records + ?, bad = bad + ?, sessions = "
                          "sessions + ?, open = open + ?, incomplete = incomplete + ?, first = "
                          "CASE WHEN ?6 = 0 THEN first WHEN first = 0 THEN ?6 ELSE min(first, ?6) "
                          "END, last = max(last, ?7)",
        [DB_COUNTS] = "SELECT records, bad, sessions, open, incomplete, first, last FROM counts",
        [DB_OPEN_UNTIL] = "SELECT min(time) FROM sessions WHERE " SCHEMA_OPEN,
        [DB_WALK_LATE] = "SELECT s.id, s.named_seq, u.text, k.text FROM sessions s JOIN parties p "
                         "ON p.id = s.party LEFT JOIN texts u ON u.id = p.user LEFT JOIN texts k "
                         "ON k.id = p.key WHERE s." SCHEMA_LATE,
        [DB_OPEN_ACCOUNTS] =
                "SELECT count(*), min(s.time) FROM sessions s, counts c WHERE s.time > c.last - ?",
        [DB_ADD_CAUSE] = "INSERT INTO causes VALUES(?, ?) ON CONFLICT DO UPDATE SET sessions = "
                         "sessions + excluded.sessions",
        [DB_WALK_CAUSES] = "SELECT t.text, c.sessions FROM causes c LEFT JOIN texts t ON t.id = "
                           "c.cause ORDER BY t.text",
        [DB_PUT_LOGIN] = "INSERT INTO logins VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET high = "
                         "0, low = 0 WHERE high <> excluded.high OR low <> excluded.low",
        [DB_PUT_MARK] = "INSERT OR IGNORE INTO marks VALUES(?, ?, ?, ?)",
        [DB_WALK_MARKS] = "SELECT h.text, m.time, m.off, c.text FROM marks m LEFT JOIN texts h ON "
                          "h.id = m.host LEFT JOIN texts c ON c.id = m.cause",
        [DB_WALK_SLOTS] = "SELECT slot, party, class, opened, ended, in_bytes, out_bytes, wire_in, "
                          "wire_out, payload_in, payload_out FROM slots WHERE slot >= ? AND slot < "
                          "?",
        [DB_WALK_DAYS] = "SELECT day, party, class, opened, ended, in_bytes, out_bytes, wire_in, "
                         "wire_out, payload_in, payload_out FROM days WHERE day >= ? AND day < ?",
        [DB_CHANGES] = "PRAGMA data_version",
};

/**
 * db_result() - say what a result of sqlite3 means
 * @result:     the result
 *
 * Return: 0, INDEX_E_BUSY, INDEX_E_DAMAGED or a negative errno.
 */
int db_result(int result) {
        switch (result & 0xff) {
        case SQLITE_OK:
        case SQLITE_ROW:
        case SQLITE_DONE:
                return 0;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return INDEX_E_BUSY;
        case SQLITE_NOMEM:
                return -ENOMEM;
        case SQLITE_FULL:
                return -ENOSPC;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return -EACCES;
        case SQLITE_CANTOPEN:
                return -ENOENT;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR: /* a table that is not there */
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
                return INDEX_E_DAMAGED;
        default:
                return -EIO;
        }
}

/**
 * db_reason() - say more of why something failed
 * @db:         the database
 * @r:          what db_result() said of it
 *
 * Return: -ENOSPC if that was the reason of an -EIO; else @r.
 */
int db_reason(const struct db *db, int r) {
        return r == -EIO && db->handle && sqlite3_system_errno(db->handle) == ENOSPC ? -ENOSPC : r;
}

static int db_exec(struct db *db, const char *sql) {
        return db_result(sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

/* Empty it in place, so that others who have it open see that, too (SQLITE_DBCONFIG_RESET_DATABASE
 * is made for it). */
static int db_reset(struct db *db) {
        int r;

        (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
        r = db_exec(db, "VACUUM");
        (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_RESET_DATABASE, 0, NULL);
        return r;
}

/* All that schema_look() sees is of one moment: somebody else may just be making the tables. */
static int db_look(struct db *db, const char *log, enum schema_state *ret_state) {
        int r = db_exec(db, "BEGIN");

        if (r)
                return r;
        r = schema_look(db->handle, log, ret_state);
        (void)db_exec(db, "ROLLBACK");
        return r;
}

static int db_make(struct db *db, const char *log) {
        enum schema_state state = SCHEMA_FOREIGN;
        int r = db_exec(db, "BEGIN IMMEDIATE");

        if (r)
                return r;
        /* somebody else may have made them meanwhile */
        r = schema_look(db->handle, log, &state);
        if (!r && state == SCHEMA_EMPTY)
                r = schema_make(db->handle, log);
        else if (!r && state != SCHEMA_OURS)
                r = INDEX_E_BUSY;
        if (!r)
                return db_exec(db, "COMMIT");
        (void)db_exec(db, "ROLLBACK");
        return r;
}

static int db_prepare(struct db *db, const char *path, const char *log) {
        enum schema_state state = SCHEMA_FOREIGN;
        int r;

        (void)sqlite3_busy_timeout(db->handle, (int)(DB_PATIENCE / 1000));
        (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        r = db_look(db, log, &state);
        if (!r && state == SCHEMA_FOREIGN)
                return INDEX_E_DAMAGED;
        if (!r && path && *path)
                r = db_exec(db, "PRAGMA journal_mode = WAL");
        /* two at once cannot both change it; one of them does */
        if (!r || r == INDEX_E_BUSY)
                r = db_exec(db, "PRAGMA synchronous = NORMAL; PRAGMA cell_size_check = ON; "
                                "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768");
        if (!r && state == SCHEMA_OTHER)
                r = db_reset(db);
        if (r || state == SCHEMA_OURS)
                return r;
        return db_make(db, log);
}

/**
 * db_open() - open the database, or make it
 * @path:       where it is; "": in a temporary file that nobody sees; NULL: in memory
 * @log:        the log of which it is
 * @ret_db:     the database; to be given to db_close() whatever is returned
 *
 * Return: 0, INDEX_E_DAMAGED if it is damaged or not ours, INDEX_E_BUSY, or a negative errno.
 */
int db_open(const char *path, const char *log, struct db *ret_db) {
        int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_PRIVATECACHE | (path && *path ? SQLITE_OPEN_NOFOLLOW : 0);
        int r;

        *ret_db = (struct db){ .handle = NULL };
        if (path && *path) {
                /* sqlite3 would make it readable to all; its other files are as this one is */
                int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

                if (fd < 0)
                        return -errno;
                (void)fd_close(fd);
        }
        r = db_result(sqlite3_open_v2(path ? path : ":memory:", &ret_db->handle, flags, NULL));
        return r ? r : db_reason(ret_db, db_prepare(ret_db, path, log));
}

/**
 * db_close() - end what db_open() began
 * @db:         the database
 */
void db_close(struct db *db) {
        for (size_t i = 0; i < DB_STATEMENTS; i++)
                (void)sqlite3_finalize(db->statements[i]);
        (void)sqlite3_close(db->handle);
        *db = (struct db){ .handle = NULL };
}

/**
 * db_statement() - get a statement
 * @db:                 the database
 * @id:                 which
 * @ret_statement:      the database's own; to be reset by db_donep()
 *
 * Return: 0, or as db_result().
 */
int db_statement(struct db *db, enum db_statement id, sqlite3_stmt **ret_statement) {
        if (!db->statements[id]) {
                int r = sqlite3_prepare_v3(db->handle, db_sql[id], -1, SQLITE_PREPARE_PERSISTENT,
                                           &db->statements[id], NULL);

                if (r != SQLITE_OK)
                        return db_result(r);
        }
        *ret_statement = db->statements[id];
        return 0;
}

/**
 * db_bind() - get a statement, with numbers in it
 * @db:                 the database
 * @id:                 which
 * @values:             the numbers
 * @n:                  how many
 * @ret_statement:      the database's own; to be reset by db_donep()
 *
 * Return: 0, or as db_result().
 */
int db_bind(struct db *db, enum db_statement id, const int64_t *values, size_t n,
            sqlite3_stmt **ret_statement) {
        int r = db_statement(db, id, ret_statement);

        for (size_t i = 0; i < n && !r; i++)
                r = db_result(sqlite3_bind_int64(*ret_statement, (int)i + 1, values[i]));
        return r;
}

/**
 * db_write() - run a statement that has no rows, with numbers in it
 * @db:         the database
 * @id:         which
 * @values:     the numbers
 * @n:          how many
 *
 * Return: 0, or as db_result().
 */
int db_write(struct db *db, enum db_statement id, const int64_t *values, size_t n) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        int r = db_bind(db, id, values, n, &statement);

        return r ? r : db_result(sqlite3_step(statement));
}

/**
 * db_run() - run a statement that has neither rows nor values
 * @db:         the database
 * @id:         which
 *
 * Return: 0, or as db_result().
 */
int db_run(struct db *db, enum db_statement id) {
        return db_write(db, id, NULL, 0);
}

/**
 * db_step() - get a statement's next row
 * @statement:  the statement
 * @ret_row:    whether there is one
 *
 * Return: 0, or as db_result().
 */
int db_step(sqlite3_stmt *statement, bool *ret_row) {
        int r = sqlite3_step(statement);

        *ret_row = r == SQLITE_ROW;
        return db_result(r);
}

/**
 * db_integer() - read a number of a row
 * @statement:  the statement, at a row
 * @column:     which
 *
 * Return: the number; whatever is there, it is one.
 */
int64_t db_integer(sqlite3_stmt *statement, int column) {
        return sqlite3_column_int64(statement, column);
}

/**
 * db_sum() - read a sum of a row
 * @statement:  the statement, at a row
 * @column:     which
 *
 * Return: the sum, or DB_NO_NUMBER.
 */
int64_t db_sum(sqlite3_stmt *statement, int column) {
        return sqlite3_column_type(statement, column) == SQLITE_INTEGER
                       ? db_integer(statement, column)
                       : DB_NO_NUMBER;
}

/**
 * db_sum_add() - add to a sum
 * @sum:        the sum, or DB_NO_NUMBER
 * @number:     the number, or DB_NO_NUMBER
 */
void db_sum_add(int64_t *sum, int64_t number) {
        if (*sum == DB_NO_NUMBER || number == DB_NO_NUMBER ||
            __builtin_add_overflow(*sum, number, sum))
                *sum = DB_NO_NUMBER;
}

/**
 * db_sum_subtract() - subtract from a sum
 * @sum:        the sum, or DB_NO_NUMBER
 * @number:     the number, or DB_NO_NUMBER
 */
void db_sum_subtract(int64_t *sum, int64_t number) {
        db_sum_add(sum, number == DB_NO_NUMBER ? number : -number);
}

/**
 * db_sum_positive() - read a sum that cannot be below 0
 * @sum:        the sum, or DB_NO_NUMBER
 *
 * Return: the sum, 0 for one below 0, or INDEX_UNKNOWN.
 */
uint64_t db_sum_positive(int64_t sum) {
        return sum == DB_NO_NUMBER ? INDEX_UNKNOWN : sum > 0 ? (uint64_t)sum : 0;
}

/**
 * db_text() - read a text of a row
 * @statement:  the statement, at a row
 * @column:     which
 *
 * Return: a copy, which the caller frees; NULL if it has none, or no memory.
 */
char *db_text(sqlite3_stmt *statement, int column) {
        const void *text = sqlite3_column_blob(statement, column);
        int size = sqlite3_column_bytes(statement, column);

        return text && size > 0 ? strndup(text, (size_t)size) : NULL;
}
