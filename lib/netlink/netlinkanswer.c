/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the kernel answers to a question by netlink, as bytes.
 *
 * Owns: which messages are the answer (those for our port and with the question's sequence number;
 * late answers to an earlier question are skipped), and where it ends.
 * Relies on: linux/netlink.h. A question that is no dump asks for an acknowledgement. So each
 * answer ends with an acknowledgement, or with NLMSG_DONE.
 * Does not: look into a message.
 */

#include "netlink/netlinkanswer.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>

/* MAX_ERRNO of linux/err.h */
#define NETLINKANSWER_ERROR_MAX 4095

/* libmnl's mnl_nlmsg_ok() takes a length of more than INT_MAX for a negative one. */
static bool netlinkanswer_is_whole(const struct nlmsghdr *message, int rest) {
        return mnl_nlmsg_ok(message, rest) && message->nlmsg_len <= (uint32_t)rest;
}

/* What NLMSG_ERROR or NLMSG_DONE says: 0, or a negative errno. */
static int netlinkanswer_verdict(const struct nlmsghdr *message) {
        int error = 0;

        if (mnl_nlmsg_get_payload_len(message) < sizeof(error))
                return message->nlmsg_type == NLMSG_DONE ? 0 : -EPROTO;
        memcpy(&error, mnl_nlmsg_get_payload(message), sizeof(error));
        return error <= 0 && error >= -NETLINKANSWER_ERROR_MAX ? error : -EPROTO;
}

/**
 * netlinkanswer_parse() - look at what was received of an answer
 * @bytes:      the bytes, aligned as a message is
 * @size:       how many
 * @port:       our port
 * @sequence:   the question's sequence number
 * @answer:     what has been seen so far; what comes behind a failure is passed over, for the
 *              socket is used again
 *
 * Return: true if it was the end of the answer.
 */
bool netlinkanswer_parse(const void *bytes, size_t size, uint32_t port, uint32_t sequence,
                         struct netlinkanswer *answer) {
        const struct nlmsghdr *message = bytes;
        int rest = (int)size;

        for (; netlinkanswer_is_whole(message, rest); message = mnl_nlmsg_next(message, &rest)) {
                if (message->nlmsg_seq != sequence || message->nlmsg_pid != port)
                        continue;
                answer->changed |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
                if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
                        if (!answer->r)
                                answer->r = netlinkanswer_verdict(message);
                        return true;
                }
                if (message->nlmsg_type >= NLMSG_MIN_TYPE && !answer->r)
                        answer->r = answer->take(message, answer->data);
        }
        return false;
}

/**
 * netlinkanswer_parse_verdicts() - look at what was received for a row of messages
 * @bytes:      the bytes, aligned as a message is
 * @size:       how many
 * @port:       our port
 * @first:      the first message's sequence number
 * @last:       the last one's
 * @result:     gets the first failure, a negative errno
 *
 * Return: true if there was an answer in it.
 */
bool netlinkanswer_parse_verdicts(const void *bytes, size_t size, uint32_t port, uint32_t first,
                                  uint32_t last, int *result) {
        const struct nlmsghdr *message = bytes;
        int rest = (int)size;
        bool answered = false;

        for (; netlinkanswer_is_whole(message, rest); message = mnl_nlmsg_next(message, &rest)) {
                /* numbers may have gone round */
                if (message->nlmsg_pid != port || message->nlmsg_seq - first > last - first ||
                    message->nlmsg_type != NLMSG_ERROR)
                        continue;
                answered = true;
                if (!*result)
                        *result = netlinkanswer_verdict(message);
        }
        return answered;
}
