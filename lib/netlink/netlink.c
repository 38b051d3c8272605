/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A netlink socket: questions to the kernel, one after the other.
 *
 * Relies on: netlink_dump() in net/netlink/af_netlink.c fills at most 32 KiB at once, in the thread
 * that receives. The kernel answers at once; the deadline only prevents an endless wait if
 * something is wrong.
 */

#include "netlink/netlink.h"

#include "base/patience.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define NETLINK_ANSWER_MAX 32768

struct netlink {
        struct mnl_socket *socket;
        uint32_t port;
        uint32_t sequence;
        uint64_t question[NETLINK_QUESTION_MAX / sizeof(uint64_t)];
        uint64_t answer[NETLINK_ANSWER_MAX / sizeof(uint64_t)];
};

/**
 * netlink_free() - close the socket
 * @netlink:    the socket, or NULL
 *
 * Return: NULL.
 */
struct netlink *netlink_free(struct netlink *netlink) {
        if (netlink && netlink->socket)
                (void)mnl_socket_close(netlink->socket);
        free(netlink);
        return NULL;
}

/**
 * netlink_new() - open a socket to a part of the kernel, in this network namespace
 * @bus:                NETLINK_SOCK_DIAG, NETLINK_NETFILTER, NETLINK_ROUTE
 * @ret_netlink:        the socket, to be given to netlink_free()
 *
 * Return: 0, or a negative errno: -EPROTONOSUPPORT if this kernel has no such part.
 */
int netlink_new(int bus, struct netlink **ret_netlink) {
        _cleanup_(netlink_freep) struct netlink *netlink = malloc(sizeof(*netlink));
        const struct timeval timeout = { .tv_sec = NETLINK_PATIENCE / CLOCK_SECOND };

        if (!netlink)
                return -ENOMEM;
        netlink->sequence = 0;
        netlink->socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
        if (!netlink->socket)
                return -errno;
        if (setsockopt(mnl_socket_get_fd(netlink->socket), SOL_SOCKET, SO_RCVTIMEO, &timeout,
                       sizeof(timeout)) < 0 ||
            mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0)
                return -errno;
        netlink->port = mnl_socket_get_portid(netlink->socket);
        *ret_netlink = pointer_steal(&netlink);
        return 0;
}

/**
 * netlink_sequence() - take the next sequence number
 * @netlink:    the socket
 *
 * Return: the number.
 */
uint32_t netlink_sequence(struct netlink *netlink) {
        return ++netlink->sequence;
}

/**
 * netlink_question() - begin a question
 * @netlink:    the socket
 * @type:       of the message
 * @flags:      NLM_F_DUMP; 0 for a question that has one answer
 *
 * Return: the message, to which headers and attributes are put; valid until the next question.
 */
struct nlmsghdr *netlink_question(struct netlink *netlink, uint16_t type, uint16_t flags) {
        struct nlmsghdr *message;

        memset(netlink->question, 0, sizeof(netlink->question));
        message = mnl_nlmsg_put_header(netlink->question);
        message->nlmsg_type = type;
        message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (flags ? flags : NLM_F_ACK));
        message->nlmsg_seq = netlink_sequence(netlink);
        return message;
}

static int netlink_send(struct netlink *netlink, const void *bytes, size_t size) {
        while (mnl_socket_sendto(netlink->socket, bytes, size) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

/* Receive what the kernel sent; what somebody else did is passed over. */
static int netlink_receive(struct netlink *netlink, int flags, size_t *ret_size) {
        for (;;) {
                struct sockaddr_nl sender = { 0 };
                socklen_t length = sizeof(sender);
                ssize_t n = recvfrom(mnl_socket_get_fd(netlink->socket), netlink->answer,
                                     sizeof(netlink->answer), flags | MSG_TRUNC,
                                     (struct sockaddr *)&sender, &length);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == EAGAIN ? -ETIMEDOUT : -errno;
                if (length != sizeof(sender) || sender.nl_family != AF_NETLINK || sender.nl_pid)
                        continue;
                if ((size_t)n > sizeof(netlink->answer))
                        return -EMSGSIZE;
                *ret_size = (size_t)n;
                return 0;
        }
}

/**
 * netlink_ask() - ask, and look at the whole answer
 * @netlink:    the socket, with a question
 * @take:       called for each message of the answer, until it returns something
 * @data:       for it
 *
 * Return: 0, NETLINK_E_CHANGED, what @take returned, or a negative errno: the kernel's, or
 *         -ETIMEDOUT.
 */
int netlink_ask(struct netlink *netlink, netlink_take take, void *data) {
        const struct nlmsghdr *question = (const struct nlmsghdr *)netlink->question;
        struct netlinkanswer answer = { .take = take, .data = data };
        size_t size;
        int r;

        r = netlink_send(netlink, question, question->nlmsg_len);
        if (r < 0)
                return r;
        do {
                r = netlink_receive(netlink, 0, &size);
                if (r < 0)
                        return r;
        } while (!netlinkanswer_parse(netlink->answer, size, netlink->port, question->nlmsg_seq,
                                      &answer));
        if (answer.r)
                return answer.r;
        return answer.changed ? NETLINK_E_CHANGED : 0;
}

/**
 * netlink_commit() - send messages of which the last asks for an acknowledgement
 * @netlink:    the socket
 * @messages:   the messages, one behind the other
 * @size:       their bytes
 * @first:      the first one's sequence number; the last one's is the last that was taken
 *
 * Return: 0, or the first negative errno.
 */
int netlink_commit(struct netlink *netlink, const void *messages, size_t size, uint32_t first) {
        bool answered = false;
        int result = 0, r;

        r = netlink_send(netlink, messages, size);
        while (!r) {
                size_t received;

                /* all answers are there: no more than one for each message */
                r = netlink_receive(netlink, answered ? MSG_DONTWAIT : 0, &received);
                if (!r)
                        answered |= netlinkanswer_parse_verdicts(netlink->answer, received,
                                                                 netlink->port, first,
                                                                 netlink->sequence, &result);
        }
        return answered && r == -ETIMEDOUT ? result : r;
}
