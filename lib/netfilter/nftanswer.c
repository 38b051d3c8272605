/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the kernel answers to a question or a transaction, as bytes.
 *
 * Owns: telling which messages are the answer (our port, the sequence number of the question; what
 * came too late for another one is passed over), where it ends, and the meaning of errors.
 * Relies on: linux/netlink.h; net/netfilter/nfnetlink.c, nfnl_err_deliver(): a message of a
 * transaction that fails is answered under its own number, a commit that fails under the first.
 * Does not: look into a message; libnftnl does.
 */

#include "netfilter/nftanswer.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

/* MAX_ERRNO of linux/err.h */
#define NFTANSWER_ERROR_MAX 4095

/**
 * nftanswer_error() - the meaning of one of the kernel's errors
 * @error:      the errno
 *
 * Return: 0, NFTLINK_E_..., or the negative errno.
 */
int nftanswer_error(int error) {
        switch (error) {
        case 0:
                return 0;
        case EPERM:           /* no CAP_NET_ADMIN in this network namespace */
        case EOPNOTSUPP:      /* no nf_tables (transactions), no such family or flag */
        case EPROTONOSUPPORT: /* no nfnetlink */
        case EAFNOSUPPORT:
                return NFTLINK_E_UNAVAILABLE;
        case ENOENT:
                return NFTLINK_E_NOT_FOUND;
        case EBUSY:
                return NFTLINK_E_IN_USE;
        case EAGAIN:
        case EINTR:
        case ENOBUFS:
        case ERESTART:
                return NFTLINK_E_CHANGED;
        default:
                return -error;
        }
}

/* libmnl's mnl_nlmsg_ok() takes a length of more than INT_MAX for a negative one. */
static bool nftanswer_is_whole(const struct nlmsghdr *message, int rest) {
        return mnl_nlmsg_ok(message, rest) && message->nlmsg_len <= (uint32_t)rest;
}

/* The errno of NLMSG_ERROR, and of an NLMSG_DONE; 0 is an acknowledgement. */
static int nftanswer_verdict(const struct nlmsghdr *message) {
        int error = 0;

        if (mnl_nlmsg_get_payload_len(message) < sizeof(error))
                return message->nlmsg_type == NLMSG_DONE ? 0 : EPROTO;
        memcpy(&error, mnl_nlmsg_get_payload(message), sizeof(error));
        if (!error)
                return 0;
        return error < 0 && error >= -NFTANSWER_ERROR_MAX ? -error : EPROTO;
}

/**
 * nftanswer_parse() - look at what was received of an answer
 * @bytes:      the bytes, aligned as a message is
 * @size:       how many
 * @port:       our port
 * @sequence:   the question's sequence number
 * @answer:     what has been seen so far; what comes behind a failure is passed over
 *
 * Return: true if it was the end of the answer.
 */
bool nftanswer_parse(const void *bytes, size_t size, uint32_t port, uint32_t sequence,
                     struct nftanswer *answer) {
        const struct nlmsghdr *message = bytes;
        int rest = (int)size;

        for (; nftanswer_is_whole(message, rest); message = mnl_nlmsg_next(message, &rest)) {
                if (message->nlmsg_seq != sequence || message->nlmsg_pid != port)
                        continue;
                answer->interrupted |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
                if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
                        if (!answer->r)
                                answer->r = nftanswer_error(nftanswer_verdict(message));
                        return true;
                }
                /* the rest is drained, for the socket is used again */
                if (message->nlmsg_type < NLMSG_MIN_TYPE || answer->r)
                        continue;
                if (message->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
                    mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
                        answer->r = -EPROTO;
                else
                        answer->r = answer->function(message, answer->data);
        }
        return false;
}

/**
 * nftanswer_parse_commit() - look at what was received for a transaction
 * @bytes:      the bytes, aligned as a message is
 * @size:       how many
 * @port:       our port
 * @first:      the transaction's first sequence number
 * @last:       its last one
 * @result:     gets the first failure
 *
 * Return: true if there was an answer in it.
 */
bool nftanswer_parse_commit(const void *bytes, size_t size, uint32_t port, uint32_t first,
                            uint32_t last, int *result) {
        const struct nlmsghdr *message = bytes;
        int rest = (int)size;
        bool answered = false;

        for (; nftanswer_is_whole(message, rest); message = mnl_nlmsg_next(message, &rest)) {
                /* numbers may have gone round */
                if (message->nlmsg_pid != port || message->nlmsg_seq - first > last - first ||
                    message->nlmsg_type != NLMSG_ERROR)
                        continue;
                answered = true;
                if (!*result)
                        *result = nftanswer_error(nftanswer_verdict(message));
        }
        return answered;
}
