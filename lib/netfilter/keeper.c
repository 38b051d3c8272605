/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rule that keeps conntrack counting if somebody flushes the rules of a backend.
 *
 * Relies on: the kernel turns conntrack on when a table gets the rule, not when a packet meets the
 * rule (xt_check_match(), conntrack_mt_check()). So no jump to the chain is needed, and packets pay
 * nothing for it.
 */

#include "netfilter/keeper.h"

#include "netfilter/iptablejob.h"
#include "netfilter/rule.h"

#define KEEPER_TABLE "security"
#define KEEPER_CHAIN "PAM_TRAFFIC_KEEP"

static int keeper_make_chain(struct iptable *table, void *data) {
        unsigned int position;
        struct counter counter;
        struct rule keeper;
        int r;

        (void)data;
        if (!iptable_has_chain(table, KEEPER_CHAIN)) {
                r = iptable_create_chain(table, KEEPER_CHAIN);
                if (r < 0)
                        return r;
        }
        rule_keeper(table->family, &keeper);
        if (rule_find(table, KEEPER_CHAIN, &keeper, 0, &position, &counter))
                return 0;
        return iptable_append(table, KEEPER_CHAIN, keeper.bytes);
}

/* The chain stays if somebody else jumps to it or has put rules into it. */
static int keeper_remove_chain(struct iptable *table, void *data) {
        struct rule keeper;
        int r;

        (void)data;
        if (!iptable_has_chain(table, KEEPER_CHAIN))
                return 0;
        rule_keeper(table->family, &keeper);
        r = rule_delete(table, KEEPER_CHAIN, &keeper, 0);
        if (r < 0 || table->family->first_rule(KEEPER_CHAIN, table->handle) ||
            iptable_is_referenced(table, KEEPER_CHAIN))
                return r;
        return iptable_delete_chain(table, KEEPER_CHAIN);
}

/* A kernel without that table has no keeper. */
static int keeper_run(iptablejob_work work, struct backend *backend, uint64_t deadline) {
        const struct iptablejob job = { .table = KEEPER_TABLE, .work = work };
        int r = iptablejob_run(&job, backend, deadline);

        return r == BACKEND_E_UNAVAILABLE ? 0 : r;
}

/**
 * keeper_make() - make the chain if it is missing
 * @backend:    the backend; the time that was waited for the lock is added to its own
 * @deadline:   the latest moment to wait for that lock, microseconds of CLOCK_MONOTONIC
 *
 * Return: 0, also if this kernel does not have that table, BACKEND_E_BUSY, or a negative errno.
 */
int keeper_make(struct backend *backend, uint64_t deadline) {
        return keeper_run(keeper_make_chain, backend, deadline);
}

/**
 * keeper_remove() - remove the chain
 * @backend:    as for keeper_make()
 * @deadline:   likewise
 *
 * Return: as keeper_make().
 */
int keeper_remove(struct backend *backend, uint64_t deadline) {
        return keeper_run(keeper_remove_chain, backend, deadline);
}
