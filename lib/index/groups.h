/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The parties of the index, grouped by the keys of a query.
 */

#ifndef INDEX_GROUPS_H
#define INDEX_GROUPS_H

#include "index/db.h"
#include "index/index.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GROUPS_NONE UINT32_MAX

struct group {
        char *key[INDEX_KEYS_MAX]; /* NULL: not known, or not asked for */
        uint32_t number;
};

/* A local port of a host: what all its traffic is compared with. */
struct group_local_port {
        int64_t host, port;
};

struct group_party {
        uint32_t group; /* GROUPS_NONE: not asked for */
        uint32_t local_port;
        bool port;     /* all traffic of a local port */
        bool excluded; /* its bytes are no group's */
};

struct groups {
        void *tree;
        struct group **of;
        size_t n;
        struct group_party *parties; /* by number */
        size_t n_parties;
        struct group_local_port *local_ports;
        size_t n_local_ports;
};

int groups_new(struct db *db, const struct index_query *query, struct groups **ret_groups);
struct groups *groups_free(struct groups *groups);
CLEANUP_DEFINE(struct groups, groups_free)

#endif
