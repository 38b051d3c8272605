/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A chain of the tree: the one of a local port, or one below it.
 *
 * Owns: what of ours a rule in it is; the way to it, which is the branch in the chain above; making
 * it, and taking it away.
 * Relies on: the base chains are there (chain.c).
 * Does not: lock or commit; choose the chain of a connection's rule (tree.c).
 */

#ifndef NETFILTER_TREECHAIN_H
#define NETFILTER_TREECHAIN_H

#include "netfilter/rule.h"

enum {
        TREECHAIN_E_FOREIGN = 1, /* a chain of that name is somebody else's */
};

/* How many of what are in it. */
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
