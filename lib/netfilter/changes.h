/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a counting backend can change in the kernel.
 *
 * Only lib/session and lib/ports may include this header (tests/lint/layers.sh). So other rooms can
 * read the counters, but cannot change anything.
 */

#ifndef NETFILTER_CHANGES_H
#define NETFILTER_CHANGES_H

#include "netfilter/backend.h"

/* What was missing and has been made. */
struct backend_made {
        bool base;          /* a base chain, or a rule in it */
        unsigned int ports; /* the port's counters that now begin at 0: 1 << PORT_... */
};

/* Locks and deadlines are as those of struct backend_operations. */
struct backend_changes {
        /* Make the base chains, and the rule that keeps conntrack on, if they are missing.
         * ret_made: whether something was missing. */
        int (*setup)(struct backend *backend, uint64_t deadline, bool *ret_made);

        /* Begin to count the traffic of a local port with all peers, and make the base chains if
         * they are missing. Counters that are there are kept. */
        int (*count_port)(struct backend *backend, uint16_t port, uint64_t deadline,
                          struct backend_made *ret_made);

        /* Remove everything of ours, with the rules of sessions, and nothing else. */
        int (*teardown)(struct backend *backend, uint64_t deadline);

        /* Install the two rules (and the base chains and the counters of the local port, if they
         * are missing); their counters begin at 0. Rules that are already there are kept with
         * their counters; with fresh, nothing is done then, and it returns BACKEND_E_EXISTS. */
        int (*add)(struct backend *backend, const struct connection *connection, bool fresh,
                   uint64_t deadline, struct backend_made *ret_made);

        /* Remove both rules. ret_traffic: their last counters (all 0 for a missing rule). */
        int (*remove)(struct backend *backend, const struct connection *connection,
                      uint64_t deadline, struct traffic *ret_traffic);

        /* Remove the rules of several connections in as few changes as possible. Missing rules are
         * skipped. */
        int (*remove_many)(struct backend *backend, const struct connection *connections, size_t n,
                           uint64_t deadline);
};

/* Turn the counters of conntrack on or off. */
int conntrack_sysctl_set_accounting(int proc_fd, bool on);

#endif
