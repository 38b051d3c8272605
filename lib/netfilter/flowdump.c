/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Conntrack's table told by netlink.
 *
 * Owns: the dump (IPCTNL_MSG_CT_GET with NLM_F_DUMP), and what its messages say.
 * Relies on: the kernel writes as many entries into a message as the reader's buffer has room for,
 * up to 32 KB (netlink_dump() in net/netlink/af_netlink.c), in the thread that receives.
 * Does not: zero a counter (IPCTNL_MSG_CT_GET_CTRZERO), or keep an entry.
 */

#include "netfilter/flowdump.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/time.h>

#define FLOWDUMP_ROOM (1024 * 1024)

/* Entries that are told at once. */
#define FLOWDUMP_BATCH 16

/* Above what a dump of this host waits for a processor; only a fault takes longer. */
#define FLOWDUMP_TIMEOUT_SECONDS 10

struct flowdump {
        struct mnl_socket *socket;
        bool received; /* all of it */
};

static int flowdump_ask(struct mnl_socket *socket) {
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

static int flowdump_open(struct flowdump *dump) {
        struct timeval timeout = { .tv_sec = FLOWDUMP_TIMEOUT_SECONDS };
        int fd, size = FLOWDUMP_ROOM;

        dump->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
        if (!dump->socket)
                return -errno;
        fd = mnl_socket_get_fd(dump->socket);
        /* less will do, too: the kernel waits for the reader */
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
            mnl_socket_bind(dump->socket, 0, MNL_SOCKET_AUTOPID) < 0)
                return -errno;
        return flowdump_ask(dump->socket);
}

/**
 * flowdump_new() - ask for all entries of this network namespace
 * @ret_dump:   the dump, to be given to flowdump_free()
 *
 * Return: 0 or a negative errno.
 */
int flowdump_new(struct flowdump **ret_dump) {
        _cleanup_(flowdump_freep) struct flowdump *dump = calloc(1, sizeof(*dump));
        int r;

        if (!dump)
                return -ENOMEM;
        r = flowdump_open(dump);
        if (r < 0)
                return r;
        *ret_dump = pointer_steal(&dump);
        return 0;
}

/**
 * flowdump_free() - end a dump
 * @dump:       the dump, or NULL
 *
 * Return: NULL.
 */
struct flowdump *flowdump_free(struct flowdump *dump) {
        if (!dump)
                return NULL;
        if (dump->socket)
                (void)mnl_socket_close(dump->socket);
        free(dump);
        return NULL;
}

/**
 * flowdump_read() - receive the next messages
 * @dump:       the dump
 * @part:       room, FLOWDUMP_PART bytes
 * @size:       of it
 *
 * Return: how many bytes they are, 0 when the last one was received, or a negative errno.
 */
ssize_t flowdump_read(struct flowdump *dump, void *part, size_t size) {
        const struct nlmsghdr *message = part;
        ssize_t n;
        int left;

        if (dump->received)
                return 0;
        do
                n = mnl_socket_recvfrom(dump->socket, part, size);
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                return n < 0 ? -errno : -EBADMSG;
        for (left = (int)n; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
                if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
                        dump->received = true;
        return n;
}

/* One message: 0 to go on, with an entry or none, FLOWDUMP_DONE at the end, or a negative errno. */
static int flowdump_message(const struct nlmsghdr *message, struct flow *flow, size_t *n,
                            bool *changed) {
        const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);

        if (message->nlmsg_flags & NLM_F_DUMP_INTR)
                *changed = true;
        switch (message->nlmsg_type) {
        case NLMSG_DONE:
                return FLOWDUMP_DONE;
        case NLMSG_ERROR:
                if (message->nlmsg_len < mnl_nlmsg_size(sizeof(*error)))
                        return -EBADMSG;
                return error->error ? error->error : FLOWDUMP_DONE;
        default:
                /* what is no entry has no counters to lose; an entry always parses */
                *n += !flow_parse(message, flow);
                return 0;
        }
}

/**
 * flowdump_tell() - tell the entries of what was received
 * @part:       what flowdump_read() received
 * @size:       how many bytes
 * @take:       told the entries
 * @context:    handed to @take
 * @changed:    set if the kernel says that entries may be missing
 *
 * Return: 0 to go on, FLOWDUMP_DONE at the end of the table, what @take returned, or a negative
 * errno.
 */
int flowdump_tell(const void *part, size_t size, flow_take take, void *context, bool *changed) {
        const struct nlmsghdr *message = part;
        struct flow flows[FLOWDUMP_BATCH];
        int left = (int)size, r = 0, taken;
        size_t n = 0;

        while (!r && mnl_nlmsg_ok(message, left)) {
                r = flowdump_message(message, &flows[n], &n, changed);
                message = mnl_nlmsg_next(message, &left);
                if (n < FLOWDUMP_BATCH && !r && mnl_nlmsg_ok(message, left))
                        continue;
                taken = n ? take(context, flows, n) : 0;
                r = taken ? taken : r;
                n = 0;
        }
        return r;
}
