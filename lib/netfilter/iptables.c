/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The backend "iptables": rules in the legacy tables.
 *
 * Owns: what each operation does in a table, and what it returns.
 * Does not: lock, commit and begin again (iptablejob.c); know what the rules match (rule.c), or in
 * which chain they are (chain.c, tree.c).
 */

#include "netfilter/iptables.h"

#include "netfilter/chain.h"
#include "netfilter/forest.h"
#include "netfilter/iptablejob.h"
#include "netfilter/keeper.h"
#include "netfilter/snapshot.h"

#include <errno.h>

/* What an operation looks at and hands out. */
struct iptables_data {
        const struct connection *connection; /* one, or the first of n */
        size_t n;
        uint16_t port;
        bool fresh;
        struct backend_made made;
        bool found;
        struct traffic traffic;
        struct backend_snapshot *snapshot;
};

static void iptables_note(struct iptables_data *data, const struct backend_made *made) {
        data->made.base |= made->base;
        data->made.ports |= made->ports;
}

static int iptables_setup_table(struct iptable *table, void *p) {
        struct iptables_data *data = p;
        bool made;
        int r = chain_setup(table, &made);

        if (!r)
                data->made.base |= made;
        return r;
}

static int iptables_count_port_table(struct iptable *table, void *p) {
        struct iptables_data *data = p;
        struct backend_made made;
        int r = chain_count_port(table, data->port, &made);

        if (!r)
                iptables_note(data, &made);
        return r;
}

static int iptables_teardown_table(struct iptable *table, void *p) {
        (void)p;
        return chain_teardown(table);
}

static int iptables_add_table(struct iptable *table, void *p) {
        struct iptables_data *data = p;
        struct backend_made made;
        int r;

        if (data->fresh && chain_has(table, data->connection))
                return BACKEND_E_EXISTS;
        r = chain_add(table, data->connection, &made);
        if (!r)
                iptables_note(data, &made);
        return r;
}

static int iptables_read_table(struct iptable *table, void *p) {
        struct iptables_data *data = p;
        int r = chain_read(table, data->connection, &data->traffic);

        return r == CHAIN_E_NOT_FOUND ? BACKEND_E_NOT_FOUND : r;
}

static int iptables_remove_table(struct iptable *table, void *p) {
        struct iptables_data *data = p;
        int r = chain_remove(table, data->connection, &data->traffic);

        if (r == CHAIN_E_NOT_FOUND)
                return data->found ? 0 : BACKEND_E_NOT_FOUND;
        if (!r)
                data->found = true;
        return r;
}

static int iptables_remove_many_table(struct iptable *table, void *p) {
        struct iptables_data *data = p;

        for (size_t i = 0; i < data->n; i++) {
                const struct connection *connection = &data->connection[i];
                struct traffic traffic;
                int r;

                if (connection->local.address.family != table->family->family)
                        continue;
                r = chain_remove(table, connection, &traffic);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int iptables_snapshot_table(struct iptable *table, void *p) {
        struct iptables_data *data = p;

        return forest_snapshot(table, data->snapshot);
}

/* Do something in the tables of a family, AF_UNSPEC: of both. */
static int iptables_run(struct backend *backend, sa_family_t family, iptablejob_work work,
                        struct iptables_data *data, uint64_t deadline) {
        const struct iptablejob job = {
                .table = IPTABLE_MANGLE,
                .family = family,
                .work = work,
                .data = data,
        };

        return iptablejob_run(&job, backend, deadline);
}

/* Do something in the table of the connection's family. */
static int iptables_run_connection(struct backend *backend, iptablejob_work work,
                                   struct iptables_data *data, uint64_t deadline) {
        sa_family_t family = data->connection->local.address.family;

        if ((family != AF_INET && family != AF_INET6) ||
            data->connection->remote.address.family != family)
                return -EAFNOSUPPORT;
        return iptables_run(backend, family, work, data, deadline);
}

static int iptables_setup(struct backend *backend, uint64_t deadline, bool *ret_made) {
        struct iptables_data data = { 0 };
        int r = iptables_run(backend, AF_UNSPEC, iptables_setup_table, &data, deadline);

        if (r)
                return r;
        *ret_made = data.made.base;
        return keeper_make(backend, deadline);
}

static int iptables_count_port(struct backend *backend, uint16_t port, uint64_t deadline,
                               struct backend_made *ret_made) {
        struct iptables_data data = { .port = port };
        int r = iptables_run(backend, AF_UNSPEC, iptables_count_port_table, &data, deadline);

        if (r)
                return r;
        if (data.made.base)
                (void)keeper_make(backend, deadline); /* the next setup tries again */
        *ret_made = data.made;
        return 0;
}

static int iptables_teardown(struct backend *backend, uint64_t deadline) {
        int r = iptables_run(backend, AF_UNSPEC, iptables_teardown_table, NULL, deadline);

        return r ? r : keeper_remove(backend, deadline);
}

static int iptables_add(struct backend *backend, const struct connection *connection, bool fresh,
                        uint64_t deadline, struct backend_made *ret_made) {
        struct iptables_data data = { .connection = connection, .fresh = fresh };
        int r = iptables_run_connection(backend, iptables_add_table, &data, deadline);

        if (r)
                return r;
        if (data.made.base)
                (void)keeper_make(backend, deadline);
        *ret_made = data.made;
        return 0;
}

static int iptables_read(struct backend *backend, const struct connection *connection,
                         uint64_t deadline, struct traffic *ret_traffic) {
        struct iptables_data data = { .connection = connection };
        int r = iptables_run_connection(backend, iptables_read_table, &data, deadline);

        if (!r)
                *ret_traffic = data.traffic;
        return r;
}

/* BACKEND_E_NOT_FOUND only if both rules are missing. */
static int iptables_remove(struct backend *backend, const struct connection *connection,
                           uint64_t deadline, struct traffic *ret_traffic) {
        struct iptables_data data = { .connection = connection };
        int r = iptables_run_connection(backend, iptables_remove_table, &data, deadline);

        if (!r)
                *ret_traffic = data.traffic;
        return r;
}

static int iptables_remove_many(struct backend *backend, const struct connection *connections,
                                size_t n, uint64_t deadline) {
        struct iptables_data data = { .connection = connections, .n = n };

        return iptables_run(backend, AF_UNSPEC, iptables_remove_many_table, &data, deadline);
}

static int iptables_snapshot(struct backend *backend, uint64_t deadline,
                             struct backend_snapshot **ret_snapshot) {
        _cleanup_(snapshot_freep) struct backend_snapshot *snapshot = NULL;
        struct iptables_data data = { 0 };
        int r;

        r = snapshot_new(&snapshot);
        if (r < 0)
                return r;
        data.snapshot = snapshot;
        r = iptables_run(backend, AF_UNSPEC, iptables_snapshot_table, &data, deadline);
        if (!r)
                *ret_snapshot = pointer_steal(&snapshot);
        return r;
}

static void iptables_free(struct backend *backend) {
        free(backend);
}

static const struct backend_operations iptables_operations = {
        .name = "iptables",
        .read = iptables_read,
        .snapshot = iptables_snapshot,
        .free = iptables_free,
};

static const struct backend_changes iptables_changes = {
        .setup = iptables_setup,
        .count_port = iptables_count_port,
        .teardown = iptables_teardown,
        .add = iptables_add,
        .remove = iptables_remove,
        .remove_many = iptables_remove_many,
};

/* Whether one of the two tables is there. */
static int iptables_probe(void) {
        int r = iptable_probe(&iptable_ipv4);

        return r == IPTABLE_E_UNAVAILABLE ? iptable_probe(&iptable_ipv6) : r;
}

/**
 * iptables_new() - make the backend
 * @ret_backend:        the backend
 *
 * Return: 0, BACKEND_E_UNAVAILABLE if this kernel has no legacy mangle table, or a negative errno.
 */
int iptables_new(struct backend **ret_backend) {
        struct backend *backend;
        int r;

        r = iptables_probe();
        if (r)
                return r == IPTABLE_E_UNAVAILABLE ? BACKEND_E_UNAVAILABLE : r;

        backend = calloc(1, sizeof(*backend));
        if (!backend)
                return -ENOMEM;
        backend->operations = &iptables_operations;
        backend->changes = &iptables_changes;
        *ret_backend = backend;
        return 0;
}
