/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The backend "nftables": elements of sets that count.
 *
 * Owns: the frame of every operation: read, put a transaction together, commit, and begin again if
 * somebody changed the ruleset in between. There is no lock. Something that is missing is made on
 * the very ruleset that was read, or not at all. So if two processes read at the same time, one
 * makes it and the other finds it.
 * Relies on: keeper.h, if the kernel has legacy iptables, for a rule that survives `nft flush
 * ruleset`. nf_tables has no such place: a table with an owner survives, but only while the owner's
 * socket is open (nft_rcv_nl_event()).
 * Does not: know the content of the table (nfttable.c, nftset.c, nftrule.c) or of an element
 * (nftelement.c), or how elements come into the table (nftaddition.c).
 */

#include "netfilter/nftables.h"

#include "base/clock.h"
#include "base/patience.h"
#include "netfilter/keeper.h"
#include "netfilter/nftaddition.h"
#include "netfilter/nftremoval.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>

struct nftables {
        struct backend backend;
        struct nftlink *link;
};

/* What an operation looks at and hands out. */
struct nftables_job {
        int (*work)(struct nftlink *link, struct nftables_job *job);
        struct nftaddition addition;
        struct nftelement_key keys[2];     /* of a connection, in and out: to be read or removed */
        int (*step)(struct nftlink *link); /* of a teardown */
        bool found;
        struct traffic traffic;
};

/* Do a job, again and again where somebody else was in the way. */
static int nftables_run(struct backend *backend, struct nftables_job *job, uint64_t deadline) {
        /* backend is the first member */
        struct nftables *nftables = (struct nftables *)(void *)backend;
        uint64_t pause = NFTABLES_INTERVAL_FIRST;

        for (;;) {
                int r = job->work(nftables->link, job);

                switch (r) {
                case NFTLINK_E_UNAVAILABLE:
                        return BACKEND_E_UNAVAILABLE;
                case NFTLINK_E_NOT_FOUND:
                        return BACKEND_E_NOT_FOUND;
                case NFTLINK_E_IN_USE:
                case NFTLINK_E_CHANGED:
                        break;
                default:
                        return r;
                }
                if (clock_now(CLOCK_MONOTONIC) >= deadline)
                        return BACKEND_E_BUSY;
                clock_sleep(pause);
                backend->waited += pause;
                if (pause < NFTABLES_INTERVAL_MOST)
                        pause *= 2;
        }
}

/* The keeper is worth no failure: it matters only when somebody flushes our table. */
static void nftables_keep(struct backend *backend, uint64_t deadline,
                          int (*keep)(struct backend *backend, uint64_t deadline)) {
        uint64_t end = clock_now(CLOCK_MONOTONIC) + KEEPER_PATIENCE;

        (void)keep(backend, end < deadline ? end : deadline);
}

static int nftables_add_work(struct nftlink *link, struct nftables_job *job) {
        return nftaddition_make(link, &job->addition);
}

static int nftables_setup(struct backend *backend, uint64_t deadline, bool *ret_made) {
        struct nftables_job job = { .work = nftables_add_work };
        int r = nftables_run(backend, &job, deadline);

        if (r)
                return r;
        nftables_keep(backend, deadline, keeper_make);
        *ret_made = job.addition.made.base;
        return 0;
}

static int nftables_run_addition(struct backend *backend, struct nftables_job *job,
                                 uint64_t deadline, struct backend_made *ret_made) {
        int r = nftables_run(backend, job, deadline);

        if (r)
                return r;
        if (job->addition.exists)
                return BACKEND_E_EXISTS;
        if (job->addition.made.base)
                nftables_keep(backend, deadline, keeper_make);
        *ret_made = job->addition.made;
        return 0;
}

static int nftables_count_port(struct backend *backend, uint16_t port, uint64_t deadline,
                               struct backend_made *ret_made) {
        struct nftables_job job = { .work = nftables_add_work };

        nftaddition_want_port(&job.addition, port);
        return nftables_run_addition(backend, &job, deadline, ret_made);
}

static int nftables_add(struct backend *backend, const struct connection *connection, bool fresh,
                        uint64_t deadline, struct backend_made *ret_made) {
        struct nftables_job job = { .work = nftables_add_work, .addition.fresh = fresh };

        nftaddition_want_connection(&job.addition, connection);
        nftaddition_want_port(&job.addition, connection->local.port);
        return nftables_run_addition(backend, &job, deadline, ret_made);
}

static int nftables_take_away(struct nftlink *link, struct nftables_job *job) {
        return job->step(link);
}

static int nftables_teardown(struct backend *backend, uint64_t deadline) {
        static int (*const steps[])(struct nftlink *) = {
                nftremoval_rules,
                nftremoval_sets,
                nftremoval_table,
        };

        for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
                struct nftables_job job = { .work = nftables_take_away, .step = steps[i] };
                int r = nftables_run(backend, &job, deadline);

                if (r && r != BACKEND_E_NOT_FOUND)
                        return r;
        }
        nftables_keep(backend, deadline, keeper_remove);
        return 0;
}

static int nftables_read_elements(struct nftlink *link, struct nftables_job *job) {
        int r = nftelement_read(link, &job->keys[0], &job->traffic.in);

        return r ? r : nftelement_read(link, &job->keys[1], &job->traffic.out);
}

/* Work on a connection's elements that has their counters. */
static int nftables_run_traffic(struct backend *backend, const struct connection *connection,
                                int (*work)(struct nftlink *, struct nftables_job *),
                                uint64_t deadline, struct traffic *ret_traffic) {
        struct nftables_job job = { .work = work };
        int r;

        nftelement_of(connection, false, &job.keys[0]);
        nftelement_of(connection, true, &job.keys[1]);
        r = nftables_run(backend, &job, deadline);
        if (!r)
                *ret_traffic = job.traffic;
        return r;
}

static int nftables_read(struct backend *backend, const struct connection *connection,
                         uint64_t deadline, struct traffic *ret_traffic) {
        return nftables_run_traffic(backend, connection, nftables_read_elements, deadline,
                                    ret_traffic);
}

/* What a try has seen stays true for the next: somebody else may have deleted it in between. */
static int nftables_remove_elements(struct nftlink *link, struct nftables_job *job) {
        bool any = false;
        int r = 0;

        nftlink_begin(link, NULL);
        for (int out = 0; !r && out < 2; out++) {
                r = nftelement_read(link, &job->keys[out],
                                    out ? &job->traffic.out : &job->traffic.in);
                if (r == NFTLINK_E_NOT_FOUND) {
                        r = 0;
                        continue;
                }
                any = true;
                if (!r)
                        r = nftelement_put(link, NFT_MSG_DELSETELEM, &job->keys[out]);
        }
        if (r)
                return r;
        if (!any)
                return job->found ? 0 : NFTLINK_E_NOT_FOUND;
        job->found = true;
        r = nftlink_commit(link);
        return r == NFTLINK_E_NOT_FOUND ? NFTLINK_E_CHANGED : r;
}

static int nftables_remove(struct backend *backend, const struct connection *connection,
                           uint64_t deadline, struct traffic *ret_traffic) {
        return nftables_run_traffic(backend, connection, nftables_remove_elements, deadline,
                                    ret_traffic);
}

/* One by one: each costs the same at any size. */
static int nftables_remove_many(struct backend *backend, const struct connection *connections,
                                size_t n, uint64_t deadline) {
        for (size_t i = 0; i < n; i++) {
                struct traffic traffic;
                int r = nftables_remove(backend, &connections[i], deadline, &traffic);

                if (r && r != BACKEND_E_NOT_FOUND)
                        return r;
        }
        return 0;
}

/* A dump during which somebody changed something has all that stayed (what it does not have is
 * asked for by itself), and kernels up to 6.18 do not even mark it: nf_tables_dump_set(). */
static int nftables_snapshot_sets(struct nftlink *link, struct backend_snapshot *snapshot) {
        /* the ports first, as iptables has them: a port never has what its sessions lack */
        static const enum nftset ways[2][3] = {
                { NFTSET_PORTS_IN, NFTSET_IN4, NFTSET_IN6 },
                { NFTSET_PORTS_OUT, NFTSET_OUT4, NFTSET_OUT6 },
        };

        for (int way = 0; way < 2; way++) {
                for (int i = 0; i < 3; i++) {
                        int r = nftelement_snapshot(link, ways[way][i], snapshot);

                        if (r && r != NFTLINK_E_CHANGED)
                                return r;
                }
                /* once: a session is made by its way in */
                if (!way)
                        snapshot_sort(snapshot);
        }
        snapshot_can_count(snapshot, 1U << PORT_IN4 | 1U << PORT_OUT4);
        return 0;
}

static int nftables_snapshot(struct backend *backend, uint64_t deadline,
                             struct backend_snapshot **ret_snapshot) {
        _cleanup_(snapshot_freep) struct backend_snapshot *snapshot = NULL;
        struct nftables *nftables = (struct nftables *)(void *)backend;
        int r;

        (void)deadline; /* nobody is waited for */
        r = snapshot_new(&snapshot);
        if (!r)
                r = nftables_snapshot_sets(nftables->link, snapshot);
        if (r)
                return r < 0                        ? r
                       : r == NFTLINK_E_UNAVAILABLE ? BACKEND_E_UNAVAILABLE
                                                    : BACKEND_E_BUSY;
        *ret_snapshot = pointer_steal(&snapshot);
        return 0;
}

static void nftables_free(struct backend *backend) {
        struct nftables *nftables = (struct nftables *)(void *)backend;

        nftables->link = nftlink_free(nftables->link);
        free(nftables);
}

static const struct backend_operations nftables_operations = {
        .name = "nftables",
        .read = nftables_read,
        .snapshot = nftables_snapshot,
        .free = nftables_free,
};

static const struct backend_changes nftables_changes = {
        .setup = nftables_setup,
        .count_port = nftables_count_port,
        .teardown = nftables_teardown,
        .add = nftables_add,
        .remove = nftables_remove,
        .remove_many = nftables_remove_many,
};

/**
 * nftables_new() - make the backend
 * @ret_backend:        the backend
 *
 * Return: 0, BACKEND_E_UNAVAILABLE if this kernel has no nf_tables, or a negative errno.
 */
int nftables_new(struct backend **ret_backend) {
        struct nftables *nftables;
        int r;

        nftables = calloc(1, sizeof(*nftables));
        if (!nftables)
                return -ENOMEM;
        nftables->backend.operations = &nftables_operations;
        nftables->backend.changes = &nftables_changes;
        r = nftlink_new(&nftables->link);
        if (r) {
                free(nftables);
                return r < 0 ? r : BACKEND_E_UNAVAILABLE;
        }
        *ret_backend = &nftables->backend;
        return 0;
}
