/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The tables of the index.
 *
 * Owns: their form. If the tables of a database differ from these in any word, this release did not
 * make it; so no trigger or view of another program runs here.
 */

#include "index/schema.h"

#include "store/summary.h"

#include <string.h>

#define SCHEMA_ID 0x70745f69 /* "pt_i", of PRAGMA application_id */

#define SCHEMA_SUMS                                                                         \
        "party INTEGER NOT NULL, class INTEGER NOT NULL, opened INTEGER NOT NULL, ended "   \
        "INTEGER NOT NULL, in_bytes INTEGER NOT NULL, out_bytes INTEGER NOT NULL, wire_in " \
        "INTEGER NOT NULL, wire_out INTEGER NOT NULL, payload_in INTEGER NOT NULL, "        \
        "payload_out INTEGER NOT NULL, "

/* In the order in which sqlite_schema has them. */
static const struct {
        const char *name;
        const char *sql;
} schema_tables[] = {
        /* texts of the log, each once; 0 stands for one that is not known */
        { "texts", "CREATE TABLE texts(id INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE)" },
        /* who moves something: a user's key from an address, on a host, for something */
        { "parties", "CREATE TABLE parties(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, user "
                     "INTEGER NOT NULL, key INTEGER NOT NULL, remote INTEGER NOT NULL, host "
                     "INTEGER NOT NULL, service INTEGER NOT NULL, port INTEGER NOT NULL, audit "
                     "INTEGER NOT NULL, login_kinds INTEGER NOT NULL, UNIQUE(kind, user, key, "
                     "remote, host, service, port, audit, login_kinds))" },
        /* high and low: halves of the session's id; named_seq: of the record that gave the name */
        { "sessions",
          "CREATE TABLE sessions(id INTEGER PRIMARY KEY, high INTEGER NOT NULL, low INTEGER NOT "
          "NULL, party INTEGER NOT NULL, cause INTEGER NOT NULL, seq INTEGER NOT NULL, first_seq "
          "INTEGER NOT NULL, named_seq INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT "
          "NULL, time INTEGER NOT NULL, flags INTEGER NOT NULL, unknown INTEGER NOT NULL, "
          "in_bytes INTEGER NOT NULL, out_bytes INTEGER NOT NULL, wire_in INTEGER NOT NULL, "
          "wire_out INTEGER NOT NULL, payload_in INTEGER NOT NULL, payload_out INTEGER NOT NULL, "
          "UNIQUE(high, low))" },
        { "records",
          "CREATE TABLE records(session INTEGER NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT "
          "NULL, flags INTEGER NOT NULL, delta_in INTEGER NOT NULL, delta_out INTEGER NOT NULL, "
          "in_bytes INTEGER NOT NULL, out_bytes INTEGER NOT NULL, wire_in INTEGER NOT NULL, "
          "wire_out INTEGER NOT NULL, payload_in INTEGER NOT NULL, payload_out INTEGER NOT NULL, "
          "PRIMARY KEY(session, seq)) WITHOUT ROWID" },
        /* sums by quarters of an hour, and by days of UTC */
        { "slots", "CREATE TABLE slots(slot INTEGER NOT NULL, " SCHEMA_SUMS
                   "PRIMARY KEY(slot, party, class)) WITHOUT ROWID" },
        { "days", "CREATE TABLE days(day INTEGER NOT NULL, " SCHEMA_SUMS
                  "PRIMARY KEY(day, party, class)) WITHOUT ROWID" },
        /* how far each file was taken in: it is known again by its first and last bytes */
        { "files",
          "CREATE TABLE files(id INTEGER PRIMARY KEY, device INTEGER NOT NULL, inode "
          "INTEGER NOT NULL, size INTEGER NOT NULL, changed INTEGER NOT NULL, offset "
          "INTEGER NOT NULL, lines INTEGER NOT NULL, bad INTEGER NOT NULL, head_size "
          "INTEGER NOT NULL, head INTEGER NOT NULL, tail_offset INTEGER NOT NULL, tail_size "
          "INTEGER NOT NULL, tail INTEGER NOT NULL)" },
        { "counts", "CREATE TABLE counts(id INTEGER PRIMARY KEY, records INTEGER NOT NULL, bad "
                    "INTEGER NOT NULL, sessions INTEGER NOT NULL, open INTEGER NOT NULL, "
                    "incomplete INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL)" },
        { "sessions_open", "CREATE INDEX sessions_open ON sessions(time) WHERE " SCHEMA_OPEN },
        { "sessions_late", "CREATE INDEX sessions_late ON sessions(id) WHERE " SCHEMA_LATE },
        { "causes", "CREATE TABLE causes(cause INTEGER PRIMARY KEY, sessions INTEGER NOT NULL)" },
        { "log", "CREATE TABLE log(path BLOB NOT NULL)" },
        /* since when a host did not record logins, or did so again */
        { "marks",
          "CREATE TABLE marks(host INTEGER NOT NULL, time INTEGER NOT NULL, off INTEGER NOT "
          "NULL, cause INTEGER NOT NULL, PRIMARY KEY(host, time, off)) WITHOUT ROWID" },
        /* which SSH session the login of an audit session is: halves of its id; 0: several are */
        { "logins",
          "CREATE TABLE logins(boot INTEGER NOT NULL, audit INTEGER NOT NULL, high INTEGER NOT "
          "NULL, low INTEGER NOT NULL, PRIMARY KEY(boot, audit)) WITHOUT ROWID" },
};

#define SCHEMA_TABLES (sizeof(schema_tables) / sizeof(*schema_tables))

_Static_assert((SUMMARY_STOP | SUMMARY_PORT) == 18, "SCHEMA_OPEN has another number");

static int schema_pragma(sqlite3 *handle, const char *sql, int64_t *ret_value) {
        sqlite3_stmt *statement = NULL;
        int r = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);

        if (r == SQLITE_OK)
                r = sqlite3_step(statement);
        if (r == SQLITE_ROW)
                *ret_value = sqlite3_column_int64(statement, 0);
        (void)sqlite3_finalize(statement);
        return r == SQLITE_ROW ? 0 : db_result(r == SQLITE_DONE ? SQLITE_CORRUPT : r);
}

/* Whether the tables are ours, word for word; what sqlite makes of its own accord has no sql. */
static int schema_compare(sqlite3 *handle, bool *ret_same, bool *ret_empty) {
        sqlite3_stmt *statement = NULL;
        size_t n = 0;
        bool same = true;
        int r;

        r = sqlite3_prepare_v2(handle, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL", -1,
                               &statement, NULL);
        while (r == SQLITE_OK || r == SQLITE_ROW) {
                const char *sql;

                r = sqlite3_step(statement);
                if (r != SQLITE_ROW)
                        break;
                sql = (const char *)sqlite3_column_text(statement, 0);
                same = same && n < SCHEMA_TABLES && sql && !strcmp(sql, schema_tables[n].sql);
                n++;
        }
        (void)sqlite3_finalize(statement);
        if (r != SQLITE_DONE)
                return db_result(r);
        *ret_same = same && n == SCHEMA_TABLES;
        *ret_empty = !n;
        return 0;
}

static int schema_same_log(sqlite3 *handle, const char *log, bool *ret_same) {
        sqlite3_stmt *statement = NULL;
        size_t size = strlen(log);
        int r;

        r = sqlite3_prepare_v2(handle, "SELECT path FROM log", -1, &statement, NULL);
        if (r == SQLITE_OK)
                r = sqlite3_step(statement);
        if (r == SQLITE_ROW) {
                const void *path = sqlite3_column_blob(statement, 0);

                *ret_same = (size_t)sqlite3_column_bytes(statement, 0) == size &&
                            (!size || (path && !memcmp(path, log, size)));
        }
        (void)sqlite3_finalize(statement);
        return r == SQLITE_ROW ? 0 : db_result(r == SQLITE_DONE ? SQLITE_CORRUPT : r);
}

/**
 * schema_look() - tell whose a database is
 * @handle:     the database
 * @log:        the log of which it is to be
 * @ret_state:  whose
 *
 * Return: as db_result().
 */
int schema_look(sqlite3 *handle, const char *log, enum schema_state *ret_state) {
        bool same = false, empty = false;
        int64_t id = 0, version = 0;
        int r;

        r = schema_pragma(handle, "PRAGMA application_id", &id);
        if (!r)
                r = schema_pragma(handle, "PRAGMA user_version", &version);
        if (!r)
                r = schema_compare(handle, &same, &empty);
        if (!r && same)
                r = schema_same_log(handle, log, &same);
        if (r)
                return r;
        if (empty && !id)
                *ret_state = SCHEMA_EMPTY;
        else if (id != SCHEMA_ID)
                *ret_state = SCHEMA_FOREIGN;
        else
                *ret_state = same && version == SCHEMA_VERSION ? SCHEMA_OURS : SCHEMA_OTHER;
        return 0;
}

static int schema_exec(sqlite3 *handle, const char *sql) {
        return db_result(sqlite3_exec(handle, sql, NULL, NULL, NULL));
}

/**
 * schema_make() - make the tables in an empty database
 * @handle:     the database, in a transaction
 * @log:        the log of which it is to be
 *
 * Return: as db_result().
 */
int schema_make(sqlite3 *handle, const char *log) {
        sqlite3_stmt *statement = NULL;
        char pragma[64];
        int r = 0;

        for (size_t i = 0; i < SCHEMA_TABLES && !r; i++)
                r = schema_exec(handle, schema_tables[i].sql);
        (void)sqlite3_snprintf(sizeof(pragma), pragma, "PRAGMA application_id = %d", SCHEMA_ID);
        if (!r)
                r = schema_exec(handle, pragma);
        (void)sqlite3_snprintf(sizeof(pragma), pragma, "PRAGMA user_version = %d", SCHEMA_VERSION);
        if (!r)
                r = schema_exec(handle, pragma);
        if (!r)
                r = schema_exec(handle, "INSERT INTO counts VALUES(0, 0, 0, 0, 0, 0, 0, 0)");
        if (r)
                return r;

        r = sqlite3_prepare_v2(handle, "INSERT INTO log VALUES(?)", -1, &statement, NULL);
        if (r == SQLITE_OK)
                r = sqlite3_bind_blob(statement, 1, log, (int)strlen(log), SQLITE_STATIC);
        if (r == SQLITE_OK)
                r = sqlite3_step(statement);
        (void)sqlite3_finalize(statement);
        return db_result(r);
}
