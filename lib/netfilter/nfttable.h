/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The table "inet pam_traffic" of nf_tables.
 *
 * Owns: what has to be in the table, finding what is in it, and the messages that add what is
 * missing.
 * Does not: commit; change what somebody else has put into it.
 */

#ifndef NETFILTER_NFTTABLE_H
#define NETFILTER_NFTTABLE_H

#include "netfilter/nftrule.h"

#include <stddef.h>

/* Of our rules, as many as are deleted in one go. */
#define NFTTABLE_LISTED_MAX 64

/* As it is. */
struct nfttable {
        bool exists;
        bool dormant;
        uint32_t use; /* chains and sets in it, of anybody */
        bool sets[NFTSET_COUNT];
        struct {
                bool exists;
                bool drops;       /* by its policy */
                uint32_t use;     /* rules in it and jumps to it, of anybody */
                uint32_t ours;    /* rules of ours */
                uint32_t foreign; /* rules of others */
        } chains[NFTCHAIN_COUNT];
        unsigned int rules[NFTRULE_COUNT]; /* how many copies */
        struct nftrule listed[NFTTABLE_LISTED_MAX];
        size_t n_listed;
        bool list_all; /* to be set before: our rules are listed, and not only copies of them */
};

int nfttable_read(struct nftlink *link, struct nfttable *table);
bool nfttable_is_complete(const struct nfttable *table);
int nfttable_put_missing(struct nftlink *link, const struct nfttable *table);
int nfttable_put_dismantled(struct nftlink *link, const struct nfttable *table);
int nfttable_put_delete(struct nftlink *link);

#endif
