/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Who moves something.
 *
 * Owns: the numbers of texts and of parties, and a bounded cache of those that were used last.
 */

#include "index/parties.h"

#include "base/map.h"
#include "index/index.h"
#include "index/sshlogins.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTIES_ROOM 4096 /* a power of two */

enum party_column {
        PARTY_KIND,
        PARTY_USER,
        PARTY_KEY,
        PARTY_REMOTE,
        PARTY_HOST,
        PARTY_SERVICE,
        PARTY_PORT_NUMBER,
        PARTY_AUDIT,
        PARTY_LOGIN_KINDS,
        PARTY_COLUMNS,
};

struct party {
        int64_t id; /* 0: none */
        int64_t of[PARTY_COLUMNS];
};

struct party_text {
        int64_t id; /* 0: none */
        char *text;
};

struct parties {
        struct party_text texts[PARTIES_ROOM];
        struct party of[PARTIES_ROOM];
};

/**
 * parties_new() - begin with nothing at hand
 * @ret_parties:        the parties
 *
 * Return: 0 or -ENOMEM.
 */
int parties_new(struct parties **ret_parties) {
        struct parties *parties = calloc(1, sizeof(*parties));

        if (!parties)
                return -ENOMEM;
        *ret_parties = parties;
        return 0;
}

/**
 * parties_clear() - forget what is at hand
 * @parties:    the parties; needed when a transaction is taken back
 */
void parties_clear(struct parties *parties) {
        for (size_t i = 0; i < PARTIES_ROOM; i++)
                free(parties->texts[i].text);
        memset(parties, 0, sizeof(*parties));
}

/**
 * parties_free() - end what parties_new() began
 * @parties:    the parties, or NULL
 *
 * Return: NULL.
 */
struct parties *parties_free(struct parties *parties) {
        if (parties)
                parties_clear(parties);
        free(parties);
        return NULL;
}

/* Two texts that share a place are found in the database, only slower. */
static size_t parties_place(const void *bytes, size_t size) {
        return map_hash(0, bytes, size) & (PARTIES_ROOM - 1);
}

/* The number of a text in the database, which is put there. */
static int parties_look_up(struct db *db, const char *text, size_t size, int64_t *ret_id) {
        static const enum db_statement steps[] = { DB_FIND_TEXT, DB_PUT_TEXT };

        for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
                _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
                bool row;
                int r = db_statement(db, steps[i], &statement);

                if (!r)
                        r = db_result(
                                sqlite3_bind_blob(statement, 1, text, (int)size, SQLITE_STATIC));
                if (!r)
                        r = db_step(statement, &row);
                if (r)
                        return r;
                if (row) {
                        *ret_id = db_integer(statement, 0);
                        return 0;
                }
        }
        *ret_id = sqlite3_last_insert_rowid(db->handle);
        return 0;
}

/**
 * parties_text() - get the number that stands for a text
 * @parties:    the parties
 * @db:         the database, in a transaction
 * @text:       the text, hostile; NULL: not known
 * @ret_id:     the number; 0 for what is not known
 *
 * Return: 0, or as db_result().
 */
int parties_text(struct parties *parties, struct db *db, const char *text, int64_t *ret_id) {
        size_t size = text ? strlen(text) : 0;
        struct party_text *at;
        int64_t id;
        char *copy;
        int r;

        if (!size) {
                *ret_id = 0;
                return 0;
        }
        at = &parties->texts[parties_place(text, size)];
        if (at->id && !strcmp(at->text, text)) {
                *ret_id = at->id;
                return 0;
        }
        r = parties_look_up(db, text, size, &id);
        if (r)
                return r;
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        free(at->text);
        *at = (struct party_text){ .id = id, .text = copy };
        *ret_id = id;
        return 0;
}

static int parties_find(struct db *db, const struct party *party, int64_t *ret_id) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        bool row;
        int r;

        r = db_bind(db, DB_FIND_PARTY, party->of, PARTY_COLUMNS, &statement);
        if (!r)
                r = db_step(statement, &row);
        if (r)
                return r;
        if (row) {
                *ret_id = db_integer(statement, 0);
                return 0;
        }
        r = db_write(db, DB_PUT_PARTY, party->of, PARTY_COLUMNS);
        if (!r)
                *ret_id = sqlite3_last_insert_rowid(db->handle);
        return r;
}

/* The number of a party, which is put into the database. */
static int parties_number(struct parties *parties, struct db *db, struct party *party,
                          int64_t *ret_id) {
        struct party *at = &parties->of[parties_place(party->of, sizeof(party->of))];

        if (!at->id || memcmp(at->of, party->of, sizeof(party->of)) != 0) {
                int r = parties_find(db, party, &party->id);

                if (r)
                        return r;
                *at = *party;
        }
        *ret_id = at->id;
        return 0;
}

/**
 * parties_is_named() - tell whether a record of the users' ledger has the name of its user
 * @record:     the record, of any ledger
 *
 * Return: true if so.
 */
bool parties_is_named(const struct record *record) {
        const char *owner = record->socket_owner;

        return record_is_user(record) && owner &&
               (!strcmp(owner, "user") || !strcmp(owner, "rest")) && record->user && *record->user;
}

#define PARTIES_UID_MAX 24

/* What a record of the users' ledger has in the place of a login's texts; a user whom nobody knows
 * is called by his uid. */
static void parties_name_user(const struct record *record, char uid[static PARTIES_UID_MAX],
                              const char *texts[static PARTY_COLUMNS]) {
        const char *owner = record->socket_owner ? record->socket_owner : "unknown";

        if (record->uid >= 0)
                (void)snprintf(uid, PARTIES_UID_MAX, "%" PRId64, record->uid);
        else
                (void)snprintf(uid, PARTIES_UID_MAX, "(%.20s)", owner);
        texts[PARTY_USER] = parties_is_named(record) ? record->user : uid;
        texts[PARTY_KEY] = uid;
        texts[PARTY_REMOTE] = sshlogins_audit(record) ? record->boot_id : NULL;
        texts[PARTY_SERVICE] = owner;
}

/**
 * parties_get() - get the number that stands for a record's party
 * @parties:    the parties
 * @db:         the database, in a transaction
 * @record:     the record
 * @kinds:      what its login is for: those of enum loginkind
 * @ret_id:     the number
 *
 * Return: 0, or as db_result().
 */
int parties_get(struct parties *parties, struct db *db, const struct record *record,
                unsigned int kinds, int64_t *ret_id) {
        bool port = record_is_port(record);
        char uid[PARTIES_UID_MAX];
        const char *texts[PARTY_COLUMNS] = {
                [PARTY_USER] = record->user,
                [PARTY_KEY] = record->auth_key ? record->auth_key : record->auth_method,
                [PARTY_REMOTE] = record->remote_addr,
                [PARTY_HOST] = record->host,
                [PARTY_SERVICE] = record->service,
        };
        struct party party = { .of[PARTY_KIND] = port               ? PARTY_PORT
                                                 : record->excluded ? PARTY_EXCLUDED
                                                                    : PARTY_LOGIN };
        int r = 0;

        if (record_is_user(record)) {
                parties_name_user(record, uid, texts);
                party.of[PARTY_AUDIT] = sshlogins_audit(record);
        }
        for (size_t i = PARTY_USER; !r && i <= PARTY_SERVICE; i++)
                if (!port || i == PARTY_HOST)
                        r = parties_text(parties, db, texts[i], &party.of[i]);
        if (r)
                return r;
        party.of[PARTY_LOGIN_KINDS] = port ? 0 : kinds;
        party.of[PARTY_PORT_NUMBER] = record->local_port > 0 ? record->local_port : 0;

        return parties_number(parties, db, &party, ret_id);
}

/**
 * parties_rekind() - get the number that stands for the same party, with logins for something else
 * @parties:    the parties
 * @db:         the database, in a transaction
 * @id:         the party's number
 * @kinds:      what the login is for: those of enum loginkind
 * @ret_id:     the number
 *
 * Return: 0, or as db_result().
 */
int parties_rekind(struct parties *parties, struct db *db, int64_t id, unsigned int kinds,
                   int64_t *ret_id) {
        struct party party = { .of[PARTY_LOGIN_KINDS] = kinds };
        bool row;
        int r;

        {
                _cleanup_(db_donep) sqlite3_stmt *statement = NULL;

                r = db_bind(db, DB_GET_PARTY, &id, 1, &statement);
                if (!r)
                        r = db_step(statement, &row);
                if (r || !row)
                        return r ? r : INDEX_E_DAMAGED;
                for (int i = 0; i < PARTY_LOGIN_KINDS; i++)
                        party.of[i] = db_integer(statement, i);
        }
        if (party.of[PARTY_KIND] == PARTY_PORT)
                party.of[PARTY_LOGIN_KINDS] = 0;
        return parties_number(parties, db, &party, ret_id);
}
