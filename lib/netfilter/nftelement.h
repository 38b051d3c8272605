/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The elements of the sets in which sessions are counted.
 */

#ifndef NETFILTER_NFTELEMENT_H
#define NETFILTER_NFTELEMENT_H

#include "netfilter/nftset.h"
#include "netfilter/snapshot.h"

int nftelement_put(struct nftlink *link, uint16_t type, const struct connection *connection,
                   bool out);
int nftelement_read(struct nftlink *link, const struct connection *connection, bool out,
                    struct counter *ret_counter);
int nftelement_snapshot(struct nftlink *link, enum nftset set, struct backend_snapshot *snapshot);

#endif
