/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A walk through conntrack's table.
 *
 * Owns: the dump (IPCTNL_MSG_CT_GET with NLM_F_DUMP) and its errors.
 * Relies on: the kernel writes as many entries into a message as the reader's buffer has room for,
 * up to 32 KB (netlink_dump() in net/netlink/af_netlink.c).
 * Does not: zero a counter (IPCTNL_MSG_CT_GET_CTRZERO), or keep an entry.
 */

#include "pam_traffic/cleanup.h"
#include "pam_traffic/flow.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/time.h>

#define FLOW_BUFFER (64 * 1024)
#define FLOW_ROOM (1024 * 1024)

/* The walk is over. No errno, none of flow.h, and nothing that a taker returns. */
#define FLOW_DONE 0x10000

/* Above what a dump of this host waits for a processor; only a fault takes longer. */
#define FLOW_TIMEOUT_SECONDS 10

struct flow_reader {
        flow_take take;
        void *context;
        bool changed;
};

static void mnl_socket_closep(struct mnl_socket **socket) {
        if (*socket)
                (void)mnl_socket_close(*socket);
}

/* Without ctnetlink, nfnetlink_rcv_msg() says EINVAL. */
static int flow_error(int error) {
        switch (error) {
        case EINVAL:
        case EOPNOTSUPP:
        case EPROTONOSUPPORT:
                return FLOW_E_UNAVAILABLE;
        case EAGAIN:
                return -ETIMEDOUT;
        default:
                return -error;
        }
}

/* One message: 0 to go on, FLOW_DONE at the end of the table, or what ends the walk. */
static int flow_message(struct flow_reader *reader, const struct nlmsghdr *message) {
        const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
        struct flow flow;

        if (message->nlmsg_flags & NLM_F_DUMP_INTR)
                reader->changed = true;
        switch (message->nlmsg_type) {
        case NLMSG_DONE:
                return FLOW_DONE;
        case NLMSG_ERROR:
                if (message->nlmsg_len < mnl_nlmsg_size(sizeof(*error)))
                        return -EBADMSG;
                return error->error ? flow_error(-error->error) : FLOW_DONE;
        default:
                /* what is no entry has no counters to lose; an entry always parses */
                return flow_parse(message, &flow) ? 0 : reader->take(reader->context, &flow);
        }
}

static int flow_ask(struct mnl_socket *socket) {
        uint64_t buffer[16] = { 0 };
        struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
        struct nfgenmsg *header;

        message->nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_GET;
        message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        message->nlmsg_seq = 1;
        header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
        header->nfgen_family = AF_UNSPEC;
        header->version = NFNETLINK_V0;
        return mnl_socket_sendto(socket, message, message->nlmsg_len) < 0 ? -errno : 0;
}

static int flow_receive(struct mnl_socket *socket, struct flow_reader *reader) {
        _cleanup_(freep) void *buffer = malloc(FLOW_BUFFER);
        int r = 0;

        if (!buffer)
                return -ENOMEM;
        while (!r) {
                const struct nlmsghdr *message = buffer;
                ssize_t n = mnl_socket_recvfrom(socket, buffer, FLOW_BUFFER);
                int left = (int)n;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? flow_error(errno) : -EBADMSG;
                for (; !r && mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
                        r = flow_message(reader, message);
        }
        if (r == FLOW_DONE)
                return reader->changed ? FLOW_E_CHANGED : 0;
        return r;
}

/**
 * flow_walk() - read all entries of this network namespace
 * @take:       told each
 * @context:    handed to @take
 *
 * An entry that is there all the time is told once; while others come and go, the kernel may tell
 * one twice within the next few.
 *
 * Return: 0, FLOW_E_UNAVAILABLE, FLOW_E_CHANGED after all were told, what @take returned, or a
 * negative errno; -EPERM without CAP_NET_ADMIN.
 */
int flow_walk(flow_take take, void *context) {
        _cleanup_(mnl_socket_closep) struct mnl_socket *socket = NULL;
        struct flow_reader reader = { .take = take, .context = context };
        struct timeval timeout = { .tv_sec = FLOW_TIMEOUT_SECONDS };
        int r, size = FLOW_ROOM;

        socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
        if (!socket)
                return errno == EPROTONOSUPPORT ? FLOW_E_UNAVAILABLE : -errno;
        /* less will do, too: the kernel waits for the reader */
        (void)setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
        if (setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &timeout,
                       sizeof(timeout)) < 0 ||
            mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
                return -errno;
        r = flow_ask(socket);
        return r < 0 ? r : flow_receive(socket, &reader);
}
