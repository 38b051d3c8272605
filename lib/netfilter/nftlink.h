/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The connection to nf_tables: questions and transactions.
 *
 * Owns: struct nftlink, and the order of a transaction: begin, put messages, commit.
 * Does not: know what is asked or changed.
 */

#ifndef NETFILTER_NFTLINK_H
#define NETFILTER_NFTLINK_H

#include "base/cleanup.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

enum {
        NFTLINK_E_UNAVAILABLE = 1, /* no nf_tables in this kernel, or not permitted */
        NFTLINK_E_NOT_FOUND,       /* what was asked for, or is to be changed, is not there */
        NFTLINK_E_IN_USE,          /* what is to be deleted is needed by something else */
        NFTLINK_E_CHANGED,         /* somebody changed the ruleset in between: begin again */
};

struct nftlink;

/* Look at one message of the answer. Return: 0 or a negative errno. */
typedef int (*nftlink_function)(const struct nlmsghdr *message, void *data);

int nftlink_new(struct nftlink **ret_link);
struct nftlink *nftlink_free(struct nftlink *link);
CLEANUP_DEFINE(struct nftlink, nftlink_free)

struct nlmsghdr *nftlink_question(struct nftlink *link, uint16_t type, uint16_t flags);
int nftlink_ask(struct nftlink *link, nftlink_function function, void *data);
int nftlink_generation(struct nftlink *link, uint32_t *ret_generation);

void nftlink_begin(struct nftlink *link, const uint32_t *generation);
struct nlmsghdr *nftlink_put(struct nftlink *link, uint16_t type, uint16_t flags);
void nftlink_done(struct nftlink *link, const struct nlmsghdr *message);
int nftlink_commit(struct nftlink *link);

#endif
