/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The connection to nf_tables: questions and transactions.
 *
 * Owns: the transaction, and the meaning of the kernel's errors.
 * Relies on: net/netfilter/nfnetlink.c, nfnetlink_rcv_batch(): a transaction is done when sendto(2)
 * returns, all of it or nothing; NFNL_BATCH_GENID makes it fail with ERESTART if the ruleset is no
 * longer the one that was read. nfnl_err_deliver(): a message that fails is answered under its own
 * number, a commit that fails under the first.
 * Does not: look into an answer; libnftnl does.
 */

#include "netfilter/nftlink.h"

#include "netlink/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/gen.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#define NFTLINK_TRANSACTION_MAX 32768

struct nftlink {
        struct netlink *netlink;
        size_t used;    /* of the transaction */
        uint16_t *last; /* flags of its last message */
        uint64_t transaction[NFTLINK_TRANSACTION_MAX / sizeof(uint64_t)];
};

/* What looks at the messages of an answer. */
struct nftlink_reader {
        nftlink_function function;
        void *data;
};

/**
 * nftlink_free() - close the socket
 * @link:       the link, or NULL
 *
 * Return: NULL.
 */
struct nftlink *nftlink_free(struct nftlink *link) {
        if (link)
                (void)netlink_free(link->netlink);
        free(link);
        return NULL;
}

/* The meaning of what a question or a transaction came to: 0, NFTLINK_E_..., or the negative errno.
 */
static int nftlink_error(int r) {
        switch (r) {
        case -EPERM:           /* no CAP_NET_ADMIN in this network namespace */
        case -EOPNOTSUPP:      /* no nf_tables (transactions), no such family or flag */
        case -EPROTONOSUPPORT: /* no nfnetlink */
        case -EAFNOSUPPORT:
                return NFTLINK_E_UNAVAILABLE;
        case -ENOENT:
                return NFTLINK_E_NOT_FOUND;
        case -EBUSY:
                return NFTLINK_E_IN_USE;
        case NETLINK_E_CHANGED:
        case -EAGAIN:
        case -EINTR:
        case -ENOBUFS:
        case -ERESTART:
                return NFTLINK_E_CHANGED;
        default:
                return r;
        }
}

/**
 * nftlink_new() - open a socket to nf_tables in this network namespace
 * @ret_link:   the link, to be given to nftlink_free()
 *
 * Return: 0, NFTLINK_E_UNAVAILABLE, or a negative errno.
 */
int nftlink_new(struct nftlink **ret_link) {
        _cleanup_(nftlink_freep) struct nftlink *link = NULL;
        uint32_t generation;
        int r;

        link = calloc(1, sizeof(*link));
        if (!link)
                return -ENOMEM;
        r = netlink_new(NETLINK_NETFILTER, &link->netlink);
        if (r < 0)
                return r == -EPROTONOSUPPORT ? NFTLINK_E_UNAVAILABLE : r;

        /* nfnetlink_rcv_msg() says EINVAL where it finds no nf_tables, and cannot load it */
        r = nftlink_generation(link, &generation);
        if (r)
                return r == -EINVAL ? NFTLINK_E_UNAVAILABLE : r;
        *ret_link = pointer_steal(&link);
        return 0;
}

/**
 * nftlink_question() - begin a question
 * @link:       the link
 * @type:       NFT_MSG_GET...
 * @flags:      NLM_F_DUMP or 0
 *
 * Return: the message, to which attributes may be put; valid until the next question.
 */
struct nlmsghdr *nftlink_question(struct nftlink *link, uint16_t type, uint16_t flags) {
        struct nlmsghdr *message =
                netlink_question(link->netlink, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
                                 flags);
        struct nfgenmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

        header->nfgen_family = NFPROTO_INET;
        header->version = NFNETLINK_V0;
        return message;
}

static int nftlink_take(const struct nlmsghdr *message, void *data) {
        const struct nftlink_reader *reader = data;

        if (message->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
            mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
                return -EPROTO;
        return reader->function(message, reader->data);
}

/**
 * nftlink_ask() - ask, and look at the whole answer
 * @link:       the link, with a question
 * @function:   called for each message of the answer, until it fails
 * @data:       for it
 *
 * Return: 0, NFTLINK_E_NOT_FOUND, NFTLINK_E_UNAVAILABLE, NFTLINK_E_CHANGED if the ruleset changed
 *         while it was dumped (the function has seen the end all the same, and what was there at
 *         both times, or twice), what the function returned, or a negative errno.
 */
int nftlink_ask(struct nftlink *link, nftlink_function function, void *data) {
        struct nftlink_reader reader = { function, data };

        return nftlink_error(netlink_ask(link->netlink, nftlink_take, &reader));
}

static int nftlink_generation_read(const struct nlmsghdr *message, void *data) {
        struct nftnl_gen *gen = nftnl_gen_alloc();
        uint32_t *generation = data;
        int r;

        if (!gen)
                return -ENOMEM;
        r = nftnl_gen_nlmsg_parse(message, gen) < 0 || !nftnl_gen_is_set(gen, NFTNL_GEN_ID)
                    ? -EPROTO
                    : 0;
        if (!r)
                *generation = nftnl_gen_get_u32(gen, NFTNL_GEN_ID);
        nftnl_gen_free(gen);
        return r;
}

/**
 * nftlink_generation() - ask for the generation of the ruleset
 * @link:               the link
 * @ret_generation:     a number that every change of anybody makes another one
 *
 * Return: as nftlink_ask().
 */
int nftlink_generation(struct nftlink *link, uint32_t *ret_generation) {
        uint32_t generation = 0;
        int r;

        (void)nftlink_question(link, NFT_MSG_GETGEN, 0);
        r = nftlink_ask(link, nftlink_generation_read, &generation);
        if (!r)
                *ret_generation = generation;
        return r;
}

/**
 * nftlink_begin() - begin a transaction
 * @link:       the link; a transaction that was not committed is forgotten
 * @generation: the generation of the ruleset on which it is based, or NULL if it is right on any
 */
void nftlink_begin(struct nftlink *link, const uint32_t *generation) {
        struct nlmsghdr *message;

        memset(link->transaction, 0, sizeof(link->transaction));
        message = nftnl_batch_begin((char *)link->transaction, netlink_sequence(link->netlink));
        if (generation)
                mnl_attr_put_u32(message, NFNL_BATCH_GENID, htonl(*generation));
        link->used = NLMSG_ALIGN(message->nlmsg_len);
        link->last = NULL;
}

/**
 * nftlink_put() - put a message to the transaction
 * @link:       the link, with a transaction that has room
 * @type:       NFT_MSG_NEW..., NFT_MSG_DEL...
 * @flags:      NLM_F_CREATE, NLM_F_EXCL, NLM_F_APPEND
 *
 * Return: the message; once it is complete it is to be given to nftlink_done().
 */
struct nlmsghdr *nftlink_put(struct nftlink *link, uint16_t type, uint16_t flags) {
        return nftnl_nlmsg_build_hdr((char *)link->transaction + link->used, type, NFPROTO_INET,
                                     flags, netlink_sequence(link->netlink));
}

/**
 * nftlink_done() - the message that was put last is complete
 * @link:       the link
 * @message:    the message
 */
void nftlink_done(struct nftlink *link, const struct nlmsghdr *message) {
        struct nlmsghdr *header = (void *)((char *)link->transaction + link->used);

        link->last = &header->nlmsg_flags;
        link->used += NLMSG_ALIGN(message->nlmsg_len);
}

/**
 * nftlink_commit() - do all that was put, or nothing
 * @link:       the link, with a transaction
 *
 * Return: 0, also if nothing was put, NFTLINK_E_..., or a negative errno.
 */
int nftlink_commit(struct nftlink *link) {
        struct nlmsghdr *message = (void *)link->transaction;
        uint32_t first = message->nlmsg_seq;

        if (!link->last)
                return 0;
        *link->last |= NLM_F_ACK;

        message = nftnl_batch_end((char *)link->transaction + link->used,
                                  netlink_sequence(link->netlink));
        link->used += NLMSG_ALIGN(message->nlmsg_len);

        link->last = NULL;
        return nftlink_error(netlink_commit(link->netlink, link->transaction, link->used, first));
}
