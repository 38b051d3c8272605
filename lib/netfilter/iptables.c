/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The backend "iptables": rules in the legacy tables.
 *
 * Owns: the frame of every operation: take the lock, take a snapshot of the table, read or change,
 * commit, and begin again if a program that ignores the lock changed the table in between.
 * Relies on: during a commit the kernel's counters are zero until they are added back
 * (IPT_SO_SET_ADD_COUNTERS). So they are right only under the lock.
 * Does not: know what the rules match (rule.c), or in which chain they are (chain.c, tree.c).
 */

#include "netfilter/iptables.h"

#include "base/clock.h"
#include "netfilter/chain.h"
#include "netfilter/forest.h"
#include "netfilter/iptable.h"
#include "netfilter/snapshot.h"
#include "netfilter/xtlock.h"

#include <errno.h>
#include <string.h>

#define IPTABLES_TRIES 10

struct iptables {
        struct backend backend;
        char *lock_path;
};

/* What an operation looks at and hands out. A commit that failed may have done its work all the
 * same (see iptable_commit()): what a try has seen stays true for the next. */
struct iptables_job {
        int (*work)(struct iptable *table, struct iptables_job *job);
        const char *table;                   /* NULL: IPTABLE_MANGLE */
        const struct connection *connection; /* one, or the first of n */
        size_t n;
        uint16_t port;
        bool fresh;
        struct backend_made made;
        bool found;
        struct traffic traffic;
        struct backend_snapshot *snapshot;
};

static void iptables_note(struct iptables_job *job, const struct backend_made *made) {
        job->made.base |= made->base;
        job->made.ports |= made->ports;
}

static int iptables_setup_table(struct iptable *table, struct iptables_job *job) {
        bool made;
        int r = chain_setup(table, &made);

        if (!r)
                job->made.base |= made;
        return r;
}

static int iptables_count_port_table(struct iptable *table, struct iptables_job *job) {
        struct backend_made made;
        int r = chain_count_port(table, job->port, &made);

        if (!r)
                iptables_note(job, &made);
        return r;
}

static int iptables_teardown_table(struct iptable *table, struct iptables_job *job) {
        (void)job;
        return chain_teardown(table);
}

static int iptables_keep_table(struct iptable *table, struct iptables_job *job) {
        (void)job;
        return chain_keep(table);
}

static int iptables_unkeep_table(struct iptable *table, struct iptables_job *job) {
        (void)job;
        return chain_unkeep(table);
}

static int iptables_add_table(struct iptable *table, struct iptables_job *job) {
        struct backend_made made;
        int r;

        if (job->fresh && chain_has(table, job->connection))
                return BACKEND_E_EXISTS;
        r = chain_add(table, job->connection, &made);
        if (!r)
                iptables_note(job, &made);
        return r;
}

static int iptables_read_table(struct iptable *table, struct iptables_job *job) {
        int r = chain_read(table, job->connection, &job->traffic);

        return r == CHAIN_E_NOT_FOUND ? BACKEND_E_NOT_FOUND : r;
}

static int iptables_remove_table(struct iptable *table, struct iptables_job *job) {
        int r = chain_remove(table, job->connection, &job->traffic);

        if (r == CHAIN_E_NOT_FOUND)
                return job->found ? 0 : BACKEND_E_NOT_FOUND;
        if (!r)
                job->found = true;
        return r;
}

static int iptables_remove_many_table(struct iptable *table, struct iptables_job *job) {
        for (size_t i = 0; i < job->n; i++) {
                const struct connection *connection = &job->connection[i];
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

static int iptables_snapshot_table(struct iptable *table, struct iptables_job *job) {
        return forest_snapshot(table, job->snapshot);
}

/* Return: 0 and the job's own result (0, BACKEND_E_...), IPTABLE_E_..., or a negative errno. */
static int iptables_try(const struct iptable_family *family, struct iptables_job *job,
                        int *ret_result) {
        _cleanup_(iptable_close) struct iptable table = { 0 };
        int r;

        r = iptable_open(family, job->table ? job->table : IPTABLE_MANGLE, &table);
        if (r)
                return r;
        r = job->work(&table, job);
        if (r < 0)
                return r;
        *ret_result = r;
        return r ? 0 : iptable_commit(&table);
}

/* Do a job in one family's table. The lock is held. */
static int iptables_run(const struct iptable_family *family, struct iptables_job *job,
                        uint64_t deadline) {
        int r = 0;

        for (int i = 0; i < IPTABLES_TRIES; i++) {
                int result = 0;

                r = iptables_try(family, job, &result);
                if (r == IPTABLE_E_UNAVAILABLE)
                        return BACKEND_E_UNAVAILABLE;
                /* do_add_counters() in ip_tables.c says EINVAL where it means EAGAIN */
                if (r != IPTABLE_E_CHANGED && r != -EINVAL)
                        return r < 0 ? r : result;
                if (clock_now(CLOCK_MONOTONIC) >= deadline)
                        break;
        }
        return r < 0 ? r : BACKEND_E_BUSY;
}

static int iptables_lock(struct backend *backend, uint64_t deadline, int *ret_fd) {
        /* backend is the first member */
        struct iptables *iptables = (struct iptables *)(void *)backend;
        int r = xtlock_acquire(iptables->lock_path, deadline, &backend->waited, ret_fd);

        return r == XTLOCK_E_BUSY ? BACKEND_E_BUSY : r;
}

/* Do a job in the table of the connection's family. */
static int iptables_run_connection(struct backend *backend, struct iptables_job *job,
                                   uint64_t deadline) {
        const struct iptable_family *family =
                iptable_family_of(job->connection->local.address.family);
        _cleanup_(fd_closep) int lock = -1;
        int r;

        if (!family || job->connection->remote.address.family != family->family)
                return -EAFNOSUPPORT;
        r = iptables_lock(backend, deadline, &lock);
        if (r)
                return r;
        return iptables_run(family, job, deadline);
}

/* Do a job in the tables of both families, as far as this kernel has them. */
static int iptables_run_all(struct backend *backend, struct iptables_job *job, uint64_t deadline) {
        static const struct iptable_family *const families[] = { &iptable_ipv4, &iptable_ipv6 };
        _cleanup_(fd_closep) int lock = -1;
        bool available = false;
        int r;

        r = iptables_lock(backend, deadline, &lock);
        if (r)
                return r;

        for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
                r = iptables_run(families[i], job, deadline);
                if (r == BACKEND_E_UNAVAILABLE)
                        continue;
                if (r)
                        return r;
                available = true;
        }
        return available ? 0 : BACKEND_E_UNAVAILABLE;
}

/* A kernel without that table does without the second keeper. */
static int iptables_keep(struct backend *backend, uint64_t deadline) {
        struct iptables_job job = { .work = iptables_keep_table, .table = IPTABLE_SECURITY };
        int r = iptables_run_all(backend, &job, deadline);

        return r == BACKEND_E_UNAVAILABLE ? 0 : r;
}

static int iptables_setup(struct backend *backend, uint64_t deadline, bool *ret_made) {
        struct iptables_job job = { .work = iptables_setup_table };
        int r = iptables_run_all(backend, &job, deadline);

        if (!r)
                r = iptables_keep(backend, deadline);
        if (!r)
                *ret_made = job.made.base;
        return r;
}

static int iptables_count_port(struct backend *backend, uint16_t port, uint64_t deadline,
                               struct backend_made *ret_made) {
        struct iptables_job job = { .work = iptables_count_port_table, .port = port };
        int r = iptables_run_all(backend, &job, deadline);

        if (!r && job.made.base)
                r = iptables_keep(backend, deadline);
        if (!r)
                *ret_made = job.made;
        return r;
}

static int iptables_teardown(struct backend *backend, uint64_t deadline) {
        struct iptables_job job = { .work = iptables_teardown_table };
        struct iptables_job unkeep = { .work = iptables_unkeep_table, .table = IPTABLE_SECURITY };
        int r = iptables_run_all(backend, &job, deadline);

        if (r)
                return r;
        r = iptables_run_all(backend, &unkeep, deadline);
        return r == BACKEND_E_UNAVAILABLE ? 0 : r;
}

static int iptables_add(struct backend *backend, const struct connection *connection, bool fresh,
                        uint64_t deadline, struct backend_made *ret_made) {
        struct iptables_job job = {
                .work = iptables_add_table,
                .connection = connection,
                .fresh = fresh,
        };
        int r;

        r = iptables_run_connection(backend, &job, deadline);
        if (!r && job.made.base)
                r = iptables_keep(backend, deadline);
        if (!r)
                *ret_made = job.made;
        return r;
}

static int iptables_read(struct backend *backend, const struct connection *connection,
                         uint64_t deadline, struct traffic *ret_traffic) {
        struct iptables_job job = { .work = iptables_read_table, .connection = connection };
        int r;

        r = iptables_run_connection(backend, &job, deadline);
        if (!r)
                *ret_traffic = job.traffic;
        return r;
}

/* BACKEND_E_NOT_FOUND only if both rules are missing. */
static int iptables_remove(struct backend *backend, const struct connection *connection,
                           uint64_t deadline, struct traffic *ret_traffic) {
        struct iptables_job job = { .work = iptables_remove_table, .connection = connection };
        int r;

        r = iptables_run_connection(backend, &job, deadline);
        if (!r)
                *ret_traffic = job.traffic;
        return r;
}

static int iptables_remove_many(struct backend *backend, const struct connection *connections,
                                size_t n, uint64_t deadline) {
        struct iptables_job job = {
                .work = iptables_remove_many_table,
                .connection = connections,
                .n = n,
        };

        return iptables_run_all(backend, &job, deadline);
}

static int iptables_snapshot(struct backend *backend, uint64_t deadline,
                             struct backend_snapshot **ret_snapshot) {
        _cleanup_(backend_snapshot_freep) struct backend_snapshot *snapshot = NULL;
        struct iptables_job job = { .work = iptables_snapshot_table };
        int r;

        r = snapshot_new(&snapshot);
        if (r < 0)
                return r;
        job.snapshot = snapshot;
        r = iptables_run_all(backend, &job, deadline);
        if (!r)
                *ret_snapshot = pointer_steal(&snapshot);
        return r;
}

static void iptables_free(struct backend *backend) {
        struct iptables *iptables = (struct iptables *)(void *)backend;

        free(iptables->lock_path);
        free(iptables);
}

static const struct backend_operations iptables_operations = {
        .name = "iptables",
        .setup = iptables_setup,
        .count_port = iptables_count_port,
        .teardown = iptables_teardown,
        .add = iptables_add,
        .read = iptables_read,
        .remove = iptables_remove,
        .remove_many = iptables_remove_many,
        .snapshot = iptables_snapshot,
        .free = iptables_free,
};

/* Whether one of the two tables is there. */
static int iptables_probe(void) {
        int r = iptable_probe(&iptable_ipv4);

        return r == IPTABLE_E_UNAVAILABLE ? iptable_probe(&iptable_ipv6) : r;
}

/**
 * iptables_new() - make the backend
 * @lock_path:          the lock that all users of legacy iptables share
 * @ret_backend:        the backend
 *
 * Return: 0, BACKEND_E_UNAVAILABLE if this kernel has no legacy mangle table, or a negative errno.
 */
int iptables_new(const char *lock_path, struct backend **ret_backend) {
        struct iptables *iptables;
        int r;

        r = iptables_probe();
        if (r)
                return r == IPTABLE_E_UNAVAILABLE ? BACKEND_E_UNAVAILABLE : r;

        iptables = calloc(1, sizeof(*iptables));
        if (!iptables)
                return -ENOMEM;
        iptables->backend.operations = &iptables_operations;
        iptables->lock_path = strdup(lock_path);
        if (!iptables->lock_path) {
                free(iptables);
                return -ENOMEM;
        }

        *ret_backend = &iptables->backend;
        return 0;
}

/**
 * iptables_keep_all() - make what keeps conntrack on, or take it away, for another backend
 * @lock_path:  the lock that all users of legacy iptables share
 * @keep:       false: take it away
 * @deadline:   the latest moment to wait for that lock, microseconds of CLOCK_MONOTONIC
 *
 * Return: 0, also if this kernel does not have that table, BACKEND_E_BUSY, or a negative errno.
 */
int iptables_keep_all(const char *lock_path, bool keep, uint64_t deadline) {
        _cleanup_(freep) char *path = strdup(lock_path);
        struct iptables iptables = { .lock_path = path };
        struct iptables_job job = {
                .work = keep ? iptables_keep_table : iptables_unkeep_table,
                .table = IPTABLE_SECURITY,
        };
        int r;

        if (!path)
                return -ENOMEM;
        r = iptables_run_all(&iptables.backend, &job, deadline);
        return r == BACKEND_E_UNAVAILABLE ? 0 : r;
}
