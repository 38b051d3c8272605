/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The parties of the index, grouped by the keys of a query.
 *
 * Relies on: tsearch(3), a balanced tree in glibc. Parties are numbered consecutively.
 */

#include "index/groups.h"

#include "index/parties.h"
#include "index/sshlogins.h"
#include "net/address.h"
#include "net/loginkind.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_PARTY_MAX (INT64_C(1) << 24)

/* The columns of DB_WALK_PARTIES. */
enum groups_column {
        GROUPS_ID,
        GROUPS_KIND,
        GROUPS_PORT,
        GROUPS_HOST,
        GROUPS_LOGIN_KINDS,
        GROUPS_USER_TEXT,
        GROUPS_KEY_TEXT,
        GROUPS_REMOTE_TEXT,
        GROUPS_HOST_TEXT,
        GROUPS_SERVICE_TEXT,
        GROUPS_AUDIT,
        GROUPS_SESSION_HIGH,
        GROUPS_SESSION_LOW,
};

static int groups_compare_text(const char *a, const char *b) {
        if (!a || !b)
                return (a != NULL) - (b != NULL);
        return strcmp(a, b);
}

static int groups_compare(const void *a, const void *b) {
        const struct group *x = a, *y = b;
        int r = 0;

        for (size_t i = 0; i < INDEX_KEYS_MAX && !r; i++)
                r = groups_compare_text(x->key[i], y->key[i]);
        return r;
}

static void groups_free_one(void *object) {
        struct group *group = object;

        for (size_t i = 0; i < INDEX_KEYS_MAX; i++)
                free(group->key[i]);
        free(group);
}

/**
 * groups_free() - end what groups_new() began
 * @groups:     the groups, or NULL
 *
 * Return: NULL.
 */
struct groups *groups_free(struct groups *groups) {
        if (groups) {
                tdestroy(groups->tree, groups_free_one);
                free(groups->of);
                free(groups->parties);
                free(groups->local_ports);
        }
        free(groups);
        return NULL;
}

/* The network of an address: what providers give to one customer, at the most. NULL: not known. */
static char *groups_network(char *remote) {
        struct address address;
        char text[ADDRESS_TEXT_MAX], *network = NULL;
        bool v4;

        if (remote && !address_parse(remote, &address)) {
                v4 = address.family == AF_INET;
                memset(address.bytes + (v4 ? 3 : 8), 0, v4 ? 1 : 8);
                address_format(&address, text);
                if (asprintf(&network, "%s%s", text, v4 ? "/24" : "/64") < 0)
                        network = NULL;
        }
        free(remote);
        return network;
}

/* What logins are for. NULL: not known. */
static char *groups_kind(int64_t kinds) {
        char text[LOGINKIND_TEXT_MAX];

        loginkind_format((unsigned int)(kinds & LOGINKIND_ALL), text);
        return *text ? strdup(text) : NULL;
}

/* Its SSH session, if it is one. NULL: it is of no login. */
static char *groups_login(sqlite3_stmt *row) {
        const int64_t audit = db_integer(row, GROUPS_AUDIT);
        const int64_t session[] = { db_integer(row, GROUPS_SESSION_HIGH),
                                    db_integer(row, GROUPS_SESSION_LOW) };

        return audit ? sshlogins_text(audit, session) : NULL;
}

static char *groups_key(sqlite3_stmt *row, enum index_key by) {
        switch (by) {
        case INDEX_NONE:
                return NULL;
        case INDEX_USER:
                return db_text(row, GROUPS_USER_TEXT);
        case INDEX_KEY:
        case INDEX_UID:
                return db_text(row, GROUPS_KEY_TEXT);
        case INDEX_REMOTE:
                return db_text(row, GROUPS_REMOTE_TEXT);
        case INDEX_LOGIN:
                return groups_login(row);
        case INDEX_NETWORK:
                return groups_network(db_text(row, GROUPS_REMOTE_TEXT));
        case INDEX_HOST:
                return db_text(row, GROUPS_HOST_TEXT);
        case INDEX_SERVICE:
                return db_text(row, GROUPS_SERVICE_TEXT);
        case INDEX_KIND:
                return groups_kind(db_integer(row, GROUPS_LOGIN_KINDS));
        }
        return NULL;
}

/* Find a group, or add it; it is taken over, or freed. */
static int groups_get(struct groups *groups, struct group *group, uint32_t *ret_number) {
        struct group **place = tsearch(group, &groups->tree, groups_compare), **larger;

        if (!place) {
                groups_free_one(group);
                return -ENOMEM;
        }
        if (*place != group) {
                *ret_number = (*place)->number;
                groups_free_one(group);
                return 0;
        }
        if ((groups->n & (groups->n + 1)) == 0) {
                larger = reallocarray(groups->of, 2 * (groups->n + 1), sizeof(struct group *));
                if (!larger)
                        return -ENOMEM;
                groups->of = larger;
        }
        group->number = *ret_number = (uint32_t)groups->n;
        groups->of[groups->n++] = group;
        return 0;
}

static int groups_local_port(struct groups *groups, int64_t host, int64_t port,
                             uint32_t *ret_local_port) {
        struct group_local_port *larger;
        size_t i = 0;

        while (i < groups->n_local_ports &&
               (groups->local_ports[i].host != host || groups->local_ports[i].port != port))
                i++;
        if (i == groups->n_local_ports) {
                larger = reallocarray(groups->local_ports, i + 1, sizeof(*larger));
                if (!larger)
                        return -ENOMEM;
                groups->local_ports = larger;
                groups->local_ports[i] = (struct group_local_port){ host, port };
                groups->n_local_ports++;
        }
        *ret_local_port = (uint32_t)i;
        return 0;
}

static int groups_room(struct groups *groups, int64_t id) {
        size_t n = groups->n_parties ? groups->n_parties : 64;
        struct group_party *larger;

        if (id <= 0 || id > GROUPS_PARTY_MAX)
                return INDEX_E_DAMAGED;
        while (n <= (size_t)id)
                n *= 2;
        if (n == groups->n_parties)
                return 0;
        larger = reallocarray(groups->parties, n, sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        for (size_t i = groups->n_parties; i < n; i++)
                larger[i] = (struct group_party){ .group = GROUPS_NONE };
        groups->parties = larger;
        groups->n_parties = n;
        return 0;
}

static bool groups_wants(const struct index_query *query, sqlite3_stmt *row) {
        if (query->user) {
                _cleanup_(freep) char *user = db_text(row, GROUPS_USER_TEXT);

                if (!user || strcmp(user, query->user) != 0)
                        return false;
        }
        if (query->wanted) {
                _cleanup_(freep) char *key = db_text(row, GROUPS_KEY_TEXT);
                _cleanup_(freep) char *remote = db_text(row, GROUPS_REMOTE_TEXT);

                return query->wanted(query->context, key, remote);
        }
        return true;
}

static int groups_add(struct groups *groups, const struct index_query *query, sqlite3_stmt *row) {
        int64_t id = db_integer(row, GROUPS_ID);
        struct group_party party = { .group = GROUPS_NONE };
        struct group *group;
        int r;

        r = groups_room(groups, id);
        if (!r)
                r = groups_local_port(groups, db_integer(row, GROUPS_HOST),
                                      db_integer(row, GROUPS_PORT), &party.local_port);
        if (r)
                return r;
        party.port = db_integer(row, GROUPS_KIND) == PARTY_PORT;
        party.excluded = db_integer(row, GROUPS_KIND) == PARTY_EXCLUDED;
        if (!party.port && groups_wants(query, row)) {
                group = calloc(1, sizeof(*group));
                if (!group)
                        return -ENOMEM;
                for (size_t i = 0; i < INDEX_KEYS_MAX; i++)
                        group->key[i] = groups_key(row, query->by[i]);
                r = groups_get(groups, group, &party.group);
        }
        groups->parties[id] = party;
        return r;
}

/**
 * groups_new() - put the parties together
 * @db:         the database
 * @query:      by what, and whose
 * @ret_groups: the groups
 *
 * Return: 0, or as db_result().
 */
int groups_new(struct db *db, const struct index_query *query, struct groups **ret_groups) {
        _cleanup_(groups_freep) struct groups *groups = calloc(1, sizeof(*groups));
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        bool row = true;
        int r;

        if (!groups)
                return -ENOMEM;
        r = db_bind(db, DB_WALK_PARTIES, NULL, 0, &statement);
        while (!r) {
                r = db_step(statement, &row);
                if (r || !row)
                        break;
                r = groups_add(groups, query, statement);
        }
        if (r)
                return r;
        *ret_groups = pointer_steal(&groups);
        return 0;
}
