/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The way to nf_tables: a netlink socket, questions and transactions.
 *
 * Owns: the socket and the buffers. What is received comes from the kernel, and in time; that it is
 * the answer to the question that was asked last is nftanswer.c's to tell.
 * Relies on: net/netfilter/nfnetlink.c, nfnetlink_rcv_batch(): a transaction is done when sendto(2)
 * returns, all of it or nothing; NFNL_BATCH_GENID makes it fail with ERESTART if the ruleset is no
 * longer the one that was looked at.
 */

#include "netfilter/nftlink.h"

#include "netfilter/nftanswer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/gen.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define NFTLINK_TIMEOUT_SECONDS 2

/* netlink_dump() fills at most this much at once */
#define NFTLINK_BUFFER 32768

/* libnftnl writes a message without looking how much room is left: the largest is a rule of 9
 * expressions, some 700 bytes. */
#define NFTLINK_MESSAGE_MAX 4096

struct nftlink {
        struct mnl_socket *socket;
        uint32_t sequence;
        size_t used;    /* of the transaction */
        uint16_t *last; /* flags of its last message */
        uint64_t transaction[NFTLINK_BUFFER / sizeof(uint64_t)];
        uint64_t question[NFTLINK_MESSAGE_MAX / sizeof(uint64_t)];
        uint64_t answer[NFTLINK_BUFFER / sizeof(uint64_t)];
};

/**
 * nftlink_free() - close the socket
 * @link:       the link, or NULL
 *
 * Return: NULL.
 */
struct nftlink *nftlink_free(struct nftlink *link) {
        if (link && link->socket)
                (void)mnl_socket_close(link->socket);
        free(link);
        return NULL;
}

/**
 * nftlink_new() - open a socket to nf_tables in this network namespace
 * @ret_link:   the link, to be given to nftlink_free()
 *
 * Return: 0, NFTLINK_E_UNAVAILABLE, or a negative errno.
 */
int nftlink_new(struct nftlink **ret_link) {
        _cleanup_(nftlink_freep) struct nftlink *link = NULL;
        struct timeval timeout = { .tv_sec = NFTLINK_TIMEOUT_SECONDS };
        uint32_t generation;
        int r;

        link = calloc(1, sizeof(*link));
        if (!link)
                return -ENOMEM;
        link->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
        if (!link->socket)
                return errno == EPROTONOSUPPORT ? NFTLINK_E_UNAVAILABLE : -errno;
        if (setsockopt(mnl_socket_get_fd(link->socket), SOL_SOCKET, SO_RCVTIMEO, &timeout,
                       sizeof(timeout)) < 0 ||
            mnl_socket_bind(link->socket, 0, MNL_SOCKET_AUTOPID) < 0)
                return -errno;

        /* nfnetlink_rcv_msg() says EINVAL where it finds no nf_tables, and cannot load it */
        r = nftlink_generation(link, &generation);
        if (r)
                return r == -EINVAL ? NFTLINK_E_UNAVAILABLE : r;
        *ret_link = pointer_steal(&link);
        return 0;
}

static uint32_t nftlink_port(const struct nftlink *link) {
        return mnl_socket_get_portid(link->socket);
}

static int nftlink_send(struct nftlink *link, const void *bytes, size_t size) {
        while (mnl_socket_sendto(link->socket, bytes, size) < 0)
                if (errno != EINTR)
                        return nftanswer_error(errno);
        return 0;
}

/* Receive what the kernel sent; what somebody else did is passed over. */
static int nftlink_receive(struct nftlink *link, int flags, size_t *ret_size) {
        for (;;) {
                struct sockaddr_nl sender = { 0 };
                socklen_t length = sizeof(sender);
                ssize_t n = recvfrom(mnl_socket_get_fd(link->socket), link->answer,
                                     sizeof(link->answer), flags | MSG_TRUNC,
                                     (struct sockaddr *)&sender, &length);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (length != sizeof(sender) || sender.nl_family != AF_NETLINK || sender.nl_pid)
                        continue;
                if ((size_t)n > sizeof(link->answer))
                        return -EMSGSIZE;
                *ret_size = (size_t)n;
                return 0;
        }
}

static struct nlmsghdr *nftlink_header(struct nftlink *link, void *room, uint16_t type,
                                       uint16_t flags) {
        return nftnl_nlmsg_build_hdr(room, type, NFPROTO_INET, flags, ++link->sequence);
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
        memset(link->question, 0, sizeof(link->question));
        return nftlink_header(link, link->question, type, flags ? flags : NLM_F_ACK);
}

/**
 * nftlink_ask() - ask, and look at the whole answer
 * @link:       the link
 * @question:   the question
 * @function:   called for each message of the answer, until it fails
 * @data:       for it
 *
 * Return: 0, NFTLINK_E_NOT_FOUND, NFTLINK_E_UNAVAILABLE, NFTLINK_E_CHANGED if the ruleset changed
 *         while it was dumped (the function has seen the end all the same, and what was there at
 *         both times, or twice), what the function returned, or a negative errno.
 */
int nftlink_ask(struct nftlink *link, const struct nlmsghdr *question, nftlink_function function,
                void *data) {
        struct nftanswer answer = { .function = function, .data = data };
        size_t size;
        int r;

        r = nftlink_send(link, question, question->nlmsg_len);
        if (r)
                return r;
        do {
                r = nftlink_receive(link, 0, &size);
                if (r)
                        return r == -EAGAIN ? -ETIMEDOUT : nftanswer_error(-r);
        } while (!nftanswer_parse(link->answer, size, nftlink_port(link), question->nlmsg_seq,
                                  &answer));

        if (answer.r)
                return answer.r;
        return answer.interrupted ? NFTLINK_E_CHANGED : 0;
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

        r = nftlink_ask(link, nftlink_question(link, NFT_MSG_GETGEN, 0), nftlink_generation_read,
                        &generation);
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
        message = nftnl_batch_begin((char *)link->transaction, ++link->sequence);
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
        return nftlink_header(link, (char *)link->transaction + link->used, type, flags);
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

/* All answers are there: no more than one for each message. */
static int nftlink_commit_result(struct nftlink *link, uint32_t first) {
        bool answered = false;
        int result = 0;

        for (;;) {
                size_t size;
                int r = nftlink_receive(link, answered ? MSG_DONTWAIT : 0, &size);

                if (r == -EAGAIN)
                        return answered ? result : -ETIMEDOUT;
                if (r)
                        return nftanswer_error(-r);
                answered |= nftanswer_parse_commit(link->answer, size, nftlink_port(link), first,
                                                   link->sequence, &result);
        }
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
        int r;

        if (!link->last)
                return 0;
        *link->last |= NLM_F_ACK;

        message = nftnl_batch_end((char *)link->transaction + link->used, ++link->sequence);
        link->used += NLMSG_ALIGN(message->nlmsg_len);

        r = nftlink_send(link, link->transaction, link->used);
        link->last = NULL;
        return r ? r : nftlink_commit_result(link, first);
}
