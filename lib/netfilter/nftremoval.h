/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Removing what is ours from nf_tables, in three steps.
 *
 * Owns: the steps. Each is a transaction of its own, and is repeated if somebody changed the
 * ruleset meanwhile.
 */

#ifndef NETFILTER_NFTREMOVAL_H
#define NETFILTER_NFTREMOVAL_H

#include "netfilter/nftlink.h"

int nftremoval_rules(struct nftlink *link);
int nftremoval_sets(struct nftlink *link);
int nftremoval_table(struct nftlink *link);

#endif
