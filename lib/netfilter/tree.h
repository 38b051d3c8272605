/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The counting rules of one connection, in the tree of chains of one direction.
 *
 * Owns: where a new rule goes, the path to it, finding and removing it, and which kind of our rules
 * a rule of the table is.
 * Relies on: the base chains are there (chain.c).
 * Does not: lock or commit; look at a chain that the connection's packets do not pass.
 */

#ifndef NETFILTER_TREE_H
#define NETFILTER_TREE_H

#include "netfilter/rule.h"

enum {
        TREE_E_NOT_FOUND = 1, /* no rule of the connection */
        TREE_E_FOREIGN,       /* a chain of that name is somebody else's */
};

enum tree_kind {
        TREE_FOREIGN, /* not one of ours, or not of this chain */
        TREE_SESSION,
        TREE_BRANCH,
};

struct tree_rule {
        enum tree_kind kind;
        struct counter counter;
        struct connection connection; /* TREE_SESSION */
        struct treename branch;       /* TREE_BRANCH */
};

void tree_read(struct iptable *table, const struct treename *name, const void *p,
               struct tree_rule *ret_rule);
int tree_connect(struct iptable *table, const struct treename *name);
int tree_straighten(struct iptable *table, const struct treename *name);
int tree_prune(struct iptable *table, const struct treename *name);

int tree_count_port(struct iptable *table, bool out, uint16_t port, bool *ret_made);
int tree_add(struct iptable *table, bool out, const struct connection *connection);
bool tree_find(struct iptable *table, bool out, const struct connection *connection,
               struct counter *ret_counter);
int tree_remove(struct iptable *table, bool out, const struct connection *connection,
                struct counter *ret_counter);

#endif
