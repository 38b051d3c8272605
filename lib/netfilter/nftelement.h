/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The elements of the sets in which sessions and local ports are counted.
 */

#ifndef NETFILTER_NFTELEMENT_H
#define NETFILTER_NFTELEMENT_H

#include "netfilter/nftset.h"
#include "netfilter/snapshot.h"

#define NFTELEMENT_KEY_MAX (2 * (16 + 4))

struct nftelement_key {
        enum nftset set;
        uint32_t size;
        uint8_t bytes[NFTELEMENT_KEY_MAX];
};

void nftelement_of(const struct connection *connection, bool out, struct nftelement_key *ret_key);
void nftelement_of_port(uint16_t port, bool out, struct nftelement_key *ret_key);
int nftelement_put(struct nftlink *link, uint16_t type, const struct nftelement_key *key);
int nftelement_read(struct nftlink *link, const struct nftelement_key *key,
                    struct counter *ret_counter);
int nftelement_snapshot(struct nftlink *link, enum nftset set, struct backend_snapshot *snapshot);

#endif
