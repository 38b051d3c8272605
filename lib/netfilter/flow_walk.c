/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A walk through conntrack's table.
 *
 * Owns: the dump (IPCTNL_MSG_CT_GET with NLM_F_DUMP) and its errors. The kernel writes in the
 * thread that receives, which is one of its own: what was received is read meanwhile. Relies on:
 * the kernel writes as many entries into a message as the reader's buffer has room for, up to 32 KB
 * (netlink_dump() in net/netlink/af_netlink.c). Does not: zero a counter
 * (IPCTNL_MSG_CT_GET_CTRZERO), or keep an entry.
 */

#include "pam_traffic/cleanup.h"
#include "pam_traffic/flow.h"
#include "pam_traffic/pump.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/time.h>

#define FLOW_PART (64 * 1024)
#define FLOW_PARTS 64
#define FLOW_ROOM (1024 * 1024)

/* The walk is over. No errno, none of flow.h, and nothing that a taker returns. */
#define FLOW_DONE 0x10000

/* Above what a dump of this host waits for a processor; only a fault takes longer. */
#define FLOW_TIMEOUT_SECONDS 10

struct flow_walk {
        struct mnl_socket *socket;
        struct pump *pump;
        bool received; /* the thread's own: the end */
        flow_take take;
        void *context;
        bool changed;
};

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
static int flow_message(struct flow_walk *walk, const struct nlmsghdr *message) {
        const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
        struct flow flow;

        if (message->nlmsg_flags & NLM_F_DUMP_INTR)
                walk->changed = true;
        switch (message->nlmsg_type) {
        case NLMSG_DONE:
                return FLOW_DONE;
        case NLMSG_ERROR:
                if (message->nlmsg_len < mnl_nlmsg_size(sizeof(*error)))
                        return -EBADMSG;
                return error->error ? flow_error(-error->error) : FLOW_DONE;
        default:
                /* what is no entry has no counters to lose; an entry always parses */
                return flow_parse(message, &flow) ? 0 : walk->take(walk->context, &flow);
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

/* In the thread: what comes next, until a message says that it was the last. */
static ssize_t flow_fill(void *context, void *part, size_t size) {
        struct flow_walk *walk = context;
        const struct nlmsghdr *message = part;
        ssize_t n;
        int left;

        if (walk->received)
                return 0;
        do
                n = mnl_socket_recvfrom(walk->socket, part, size);
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                return n < 0 ? -errno : -EBADMSG;
        for (left = (int)n; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
                if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
                        walk->received = true;
        return n;
}

static int flow_take_part(void *context, const void *part, size_t size) {
        struct flow_walk *walk = context;
        const struct nlmsghdr *message = part;
        int r = 0;

        for (int left = (int)size; !r && mnl_nlmsg_ok(message, left);
             message = mnl_nlmsg_next(message, &left))
                r = flow_message(walk, message);
        return r;
}

static int flow_open(struct flow_walk *walk) {
        struct timeval timeout = { .tv_sec = FLOW_TIMEOUT_SECONDS };
        int r, fd, size = FLOW_ROOM;

        walk->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
        if (!walk->socket)
                return errno == EPROTONOSUPPORT ? FLOW_E_UNAVAILABLE : -errno;
        fd = mnl_socket_get_fd(walk->socket);
        /* less will do, too: the kernel waits for the reader */
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
            mnl_socket_bind(walk->socket, 0, MNL_SOCKET_AUTOPID) < 0)
                return -errno;
        r = flow_ask(walk->socket);
        return r < 0 ? r : pump_new(flow_fill, walk, FLOW_PART, FLOW_PARTS, &walk->pump);
}

/**
 * flow_walk_new() - begin to read all entries of this network namespace
 * @ret_walk:   the walk, to be given to flow_walk_free()
 *
 * Return: 0, FLOW_E_UNAVAILABLE, or a negative errno; -EPERM without CAP_NET_ADMIN.
 */
int flow_walk_new(struct flow_walk **ret_walk) {
        _cleanup_(flow_walk_freep) struct flow_walk *walk = calloc(1, sizeof(*walk));
        int r;

        if (!walk)
                return -ENOMEM;
        r = flow_open(walk);
        if (r)
                return r;
        *ret_walk = pointer_steal(&walk);
        return 0;
}

/**
 * flow_walk_free() - end a walk
 * @walk:       the walk, or NULL
 *
 * Return: NULL.
 */
struct flow_walk *flow_walk_free(struct flow_walk *walk) {
        if (!walk)
                return NULL;
        (void)pump_free(walk->pump);
        if (walk->socket)
                (void)mnl_socket_close(walk->socket);
        free(walk);
        return NULL;
}

/**
 * flow_walk_finish() - tell all entries
 * @walk:       the walk
 * @take:       told each
 * @context:    handed to @take
 *
 * An entry that is there all the time is told once; while others come and go, the kernel may tell
 * one twice within the next few.
 *
 * Return: 0, FLOW_E_UNAVAILABLE, FLOW_E_CHANGED after all were told, what @take returned, or a
 * negative errno; -EPERM without CAP_NET_ADMIN.
 */
int flow_walk_finish(struct flow_walk *walk, flow_take take, void *context) {
        int r;

        walk->take = take;
        walk->context = context;
        r = pump_drain(walk->pump, flow_take_part, walk);
        if (r == FLOW_DONE)
                return walk->changed ? FLOW_E_CHANGED : 0;
        return r < 0 ? flow_error(-r) : r ? r : -EBADMSG;
}
