/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Adding the elements of a connection and of a local port to the table.
 *
 * Owns: one transaction that makes them, and the base if it is missing.
 * Does not: begin again if somebody changed the ruleset in between.
 */

#ifndef NETFILTER_NFTADDITION_H
#define NETFILTER_NFTADDITION_H

#include "netfilter/changes.h"
#include "netfilter/nftelement.h"

struct nftaddition {
        struct nftelement_key keys[4]; /* of a connection's two elements, and of its local port's */
        size_t n_keys;
        bool fresh;               /* a connection that has elements already gets none ... */
        bool exists;              /* ... which is noted here */
        struct backend_made made; /* what one try found missing stays noted in the next */
};

void nftaddition_want_connection(struct nftaddition *addition, const struct connection *connection);
void nftaddition_want_port(struct nftaddition *addition, uint16_t port);
int nftaddition_make(struct nftlink *link, struct nftaddition *addition);

#endif
