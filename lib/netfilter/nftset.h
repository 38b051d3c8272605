/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The six sets of nf_tables in which sessions and local ports are counted.
 *
 * Owns: their names and form.
 */

#ifndef NETFILTER_NFTSET_H
#define NETFILTER_NFTSET_H

#include "net/address.h"
#include "netfilter/nftlink.h"

#define NFTSET_TABLE "pam_traffic"

enum nftset {
        NFTSET_IN4,
        NFTSET_IN6,
        NFTSET_OUT4,
        NFTSET_OUT6,
        NFTSET_PORTS_IN,
        NFTSET_PORTS_OUT,
        NFTSET_COUNT,
};

enum nftset nftset_of(const struct connection *connection, bool out);
const char *nftset_name(enum nftset set);
sa_family_t nftset_family(enum nftset set);
bool nftset_is_of_ports(enum nftset set);
bool nftset_is_out(enum nftset set);

int nftset_put(struct nftlink *link, enum nftset set);
int nftset_put_delete(struct nftlink *link, enum nftset set);
int nftset_put_empty(struct nftlink *link, enum nftset set);
int nftset_check(const struct nlmsghdr *message, enum nftset *ret_set);

#endif
