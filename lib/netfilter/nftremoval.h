/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Taking away what is ours in nf_tables, in three steps.
 *
 * Owns: each step is a transaction of its own, and is done again where somebody was in the way.
 */

#ifndef NETFILTER_NFTREMOVAL_H
#define NETFILTER_NFTREMOVAL_H

#include "netfilter/nftlink.h"

int nftremoval_rules(struct nftlink *link);
int nftremoval_sets(struct nftlink *link);
int nftremoval_table(struct nftlink *link);

#endif
