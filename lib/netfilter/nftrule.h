/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rules of this project in nf_tables.
 *
 * Owns: what the seven rules do, in which of the three chains they are, and the comparison with a
 * rule of the table.
 */

#ifndef NETFILTER_NFTRULE_H
#define NETFILTER_NFTRULE_H

#include "netfilter/nftset.h"

enum nftchain { NFTCHAIN_INPUT, NFTCHAIN_OUTPUT, NFTCHAIN_KEEP, NFTCHAIN_COUNT };

/* The first six look up the set of the same number. */
enum { NFTRULE_KEEP = NFTSET_COUNT, NFTRULE_COUNT };

/* Room for one of our rules as text; longer ones are not ours. */
#define NFTRULE_TEXT_MAX 1024

struct nftnl_rule;

/* A rule of our table, as far as it matters here. */
struct nftrule {
        unsigned int chain; /* NFTCHAIN_COUNT: somebody else's */
        unsigned int rule;  /* NFTRULE_COUNT: somebody else's */
        uint64_t handle;
};

/* Our rules as text, for comparison. */
struct nftrule_texts {
        char text[NFTRULE_COUNT][NFTRULE_TEXT_MAX];
};

const char *nftrule_chain_name(unsigned int chain);
unsigned int nftrule_chain(unsigned int rule);
int nftrule_put(struct nftlink *link, unsigned int rule);
int nftrule_put_delete(struct nftlink *link, const struct nftrule *rule);
int nftrule_texts(struct nftrule_texts *ret_texts);
int nftrule_parse(const struct nlmsghdr *message, const struct nftrule_texts *texts,
                  struct nftrule *ret_rule);

#endif
