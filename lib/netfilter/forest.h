/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All chains of ours in a table at once.
 *
 * Owns: the repair of what somebody else broke, the removal of everything, and the walk over the
 * counting rules of all connections; each in one pass over the table.
 * Relies on: the base chains are there (chain.c).
 * Does not: lock or commit; change a rule that is not one of ours, or a chain that only has a name
 * like ours.
 */

#ifndef NETFILTER_FOREST_H
#define NETFILTER_FOREST_H

#include "netfilter/iptable.h"
#include "netfilter/snapshot.h"

int forest_repair(struct iptable *table);
int forest_teardown(struct iptable *table);
int forest_snapshot(struct iptable *table, struct backend_snapshot *snapshot);

#endif
