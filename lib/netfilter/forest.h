/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All chains of ours in a table at once.
 *
 * Owns: putting right what somebody else broke, taking all of it away, and the walk over the
 * counting rules of all connections; each in one pass over the table.
 * Relies on: the base chains are there (chain.c).
 * Does not: lock or commit; touch a rule that is not one of ours, or a chain that only looks so.
 */

#ifndef NETFILTER_FOREST_H
#define NETFILTER_FOREST_H

#include "netfilter/iptable.h"
#include "netfilter/snapshot.h"

int forest_repair(struct iptable *table);
int forest_teardown(struct iptable *table);
int forest_snapshot(struct iptable *table, struct backend_snapshot *snapshot);

#endif
