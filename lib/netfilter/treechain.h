/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A chain of the tree: the chain of a local port, or one below it.
 *
 * Owns: which kind of our rules a rule of the chain is; the path to the chain, which is the branch
 * in the chain above; making and removing the chain.
 * Relies on: the base chains are there (chain.c).
 * Does not: lock or commit; choose the chain of a connection's rule (tree.c).
 */

#ifndef NETFILTER_TREECHAIN_H
#define NETFILTER_TREECHAIN_H

#include "netfilter/rule.h"

enum {
        TREECHAIN_E_FOREIGN = 1, /* a chain of that name belongs to somebody else */
};

/* How many rules are in it, and of which kinds. */
struct treechain {
        unsigned int rules;
        unsigned int sessions;
        unsigned int branches;
};

enum treechain_kind {
        TREECHAIN_FOREIGN, /* not one of ours, or not of this chain */
        TREECHAIN_SESSION,
        TREECHAIN_BRANCH,
};

struct treechain_rule {
        enum treechain_kind kind;
        struct counter counter;
        struct connection connection; /* TREECHAIN_SESSION */
        struct treename branch;       /* TREECHAIN_BRANCH */
};

void treechain_read(struct iptable *table, const struct treename *name, const void *p,
                    struct treechain_rule *ret_rule);
void treechain_look(struct iptable *table, const struct treename *name,
                    struct treechain *ret_chain);
int treechain_link(struct iptable *table, const struct treename *name);
int treechain_connect(struct iptable *table, const struct treename *name);
int treechain_straighten(struct iptable *table, const struct treename *name);
int treechain_prune(struct iptable *table, const struct treename *name);
int treechain_count_port(struct iptable *table, bool out, uint16_t port, bool *ret_made);

#endif
