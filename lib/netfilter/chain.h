/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The chains of this project, in an opened table.
 *
 * Owns: PAM_TRAFFIC_IN and PAM_TRAFFIC_OUT, the jumps to them, finding, adding and removing the
 * two rules of a connection in them, and the walk over those of all connections; PAM_TRAFFIC_KEEP,
 * which no packet passes: its one rule keeps conntrack on when somebody flushes the table with the
 * others.
 * Does not: lock or commit; touch a rule that is not one of ours, inside our chains or outside.
 */

#ifndef NETFILTER_CHAIN_H
#define NETFILTER_CHAIN_H

#include "netfilter/snapshot.h"
#include "netfilter/table.h"

enum {
        CHAIN_E_NOT_FOUND = 1, /* a rule of the connection is missing */
};

int chain_setup(struct table *table, bool *ret_made);
int chain_teardown(struct table *table);
int chain_keep(struct table *table);
int chain_unkeep(struct table *table);
int chain_add(struct table *table, const struct connection *connection);
int chain_read(struct table *table, const struct connection *connection,
               struct traffic *ret_traffic);
int chain_remove(struct table *table, const struct connection *connection,
                 struct traffic *ret_traffic);
int chain_snapshot(struct table *table, struct backend_snapshot *snapshot);

#endif
