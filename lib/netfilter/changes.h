/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a counting backend can change in the kernel.
 *
 * Only lib/session and lib/ports may include this (tests/lint/layers.sh): who looks has no way to
 * change anything.
 */

#ifndef NETFILTER_CHANGES_H
#define NETFILTER_CHANGES_H

#include "netfilter/backend.h"

/* What had to be made because it was missing. */
struct backend_made {
        bool base;          /* base chains, or something in them */
        unsigned int ports; /* the port's counters that now begin at 0: 1 << PORT_... */
};

/* Locks and deadlines are as those of struct backend_operations. */
struct backend_changes {
        /* Make the base chains, and the rule that keeps conntrack on, where they are missing.
         * ret_made: whether they were. */
        int (*setup)(struct backend *backend, uint64_t deadline, bool *ret_made);

        /* Count what a local port moves, whoever its peers are, where that is not done; and make
         * the base chains. Counters that are there are kept. */
        int (*count_port)(struct backend *backend, uint16_t port, uint64_t deadline,
                          struct backend_made *ret_made);

        /* Take away everything of ours, sessions' rules included, and nothing else. */
        int (*teardown)(struct backend *backend, uint64_t deadline);

        /* Install the two rules (and the base chains and the counters of the local port, where
         * missing); their counters begin at 0. Where the rules are there already, they are kept
         * with their counters; fresh: then nothing is done, and it is BACKEND_E_EXISTS. */
        int (*add)(struct backend *backend, const struct connection *connection, bool fresh,
                   uint64_t deadline, struct backend_made *ret_made);

        /* Remove both rules; their last counters are handed out (all 0 for a missing one). */
        int (*remove)(struct backend *backend, const struct connection *connection,
                      uint64_t deadline, struct traffic *ret_traffic);

        /* Remove the rules of several connections in as few changes as there can be. What is gone
         * already is passed over. */
        int (*remove_many)(struct backend *backend, const struct connection *connections, size_t n,
                           uint64_t deadline);
};

#endif
