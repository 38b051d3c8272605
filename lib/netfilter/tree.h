/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The counting rules of one connection, in the tree of chains of one direction.
 *
 * Owns: where a new rule goes, and finding and removing it.
 * Relies on: the base chains are there (chain.c).
 * Does not: lock or commit; look at a chain that the connection's packets do not pass.
 */

#ifndef NETFILTER_TREE_H
#define NETFILTER_TREE_H

#include "netfilter/treechain.h"

enum {
        TREE_E_NOT_FOUND = 1, /* no rule of the connection */
};

int tree_add(struct iptable *table, bool out, const struct connection *connection);
bool tree_find(struct iptable *table, bool out, const struct connection *connection,
               struct counter *ret_counter);
int tree_remove(struct iptable *table, bool out, const struct connection *connection,
                struct counter *ret_counter);

#endif
