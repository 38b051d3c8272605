/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All sockets of this network namespace, as the kernel's socket diagnosis reports them.
 *
 * Owns: the dumps, and which states they include.
 * Relies on: sock_diag(7); inet_diag_dump_icsk() and udp_dump() in net/ipv4. They report what
 * /proc/net has, with two exceptions: sockets that are bound and neither listen nor are connected
 * (TCP_BOUND_INACTIVE, Linux 6.8), which are left out here as there; and the owner of a connection
 * that its listener does not have yet (SYN_RECV), which is not reported.
 */

#include "netlink/sockdump.h"

#include "netlink/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>

/* TCP_NEW_SYN_RECV of the kernel: told as TCP_SYN_RECV */
#define SOCKDUMP_LAST_STATE 12
#define SOCKDUMP_STATES ((1U << (SOCKDUMP_LAST_STATE + 1)) - (1U << TCP_ESTABLISHED))

struct sockdump {
        sockdump_take take;
        void *context;
        uint8_t protocol;
        int result; /* of the last take */
};

static int sockdump_message(const struct nlmsghdr *message, void *data) {
        const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(message);
        struct sockdump *dump = data;
        struct socktable_row row;

        if (mnl_nlmsg_get_payload_len(message) < sizeof(*socket) ||
            address_from_bytes(socket->idiag_family, socket->id.idiag_src, &row.local.address) <
                    0 ||
            address_from_bytes(socket->idiag_family, socket->id.idiag_dst, &row.remote.address) < 0)
                return -EPROTO;
        row.local.port = ntohs(socket->id.idiag_sport);
        row.remote.port = ntohs(socket->id.idiag_dport);
        row.state = socket->idiag_state;
        row.uid = socket->idiag_uid;
        row.inode = socket->idiag_inode;
        dump->result = dump->take(dump->context, dump->protocol, &row);
        return dump->result;
}

/* The older form of the question is answered with both families (inet_diag_dump_compat()). The
 * kernel goes through its table of connections, which takes 2 ms if it is empty, once and not
 * twice. */
static void sockdump_question_tcp(struct netlink *netlink) {
        struct inet_diag_req *request =
                mnl_nlmsg_put_extra_header(netlink_question(netlink, TCPDIAG_GETSOCK, NLM_F_DUMP),
                                           sizeof(*request));

        request->idiag_states = SOCKDUMP_STATES;
}

static void sockdump_question_udp(struct netlink *netlink, sa_family_t family) {
        struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(
                netlink_question(netlink, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP), sizeof(*request));

        request->sdiag_family = (uint8_t)family;
        request->sdiag_protocol = IPPROTO_UDP;
        request->idiag_states = SOCKDUMP_STATES;
}

static int sockdump_answer(struct netlink *netlink, struct sockdump *dump) {
        int r = netlink_ask(netlink, sockdump_message, dump);

        if (dump->result)
                return dump->result;
        /* sockets come and go meanwhile, as they do for any reader */
        if (r == NETLINK_E_CHANGED)
                return 0;
        return r == -ENOENT || r == -EINVAL || r == -EOPNOTSUPP ? SOCKDUMP_E_UNAVAILABLE : r;
}

/**
 * sockdump_walk() - look through all TCP and UDP sockets of this network namespace
 * @take:       told each; the order is the kernel's
 * @context:    handed to @take
 *
 * After a failure some may have been told.
 *
 * Return: 0, SOCKDUMP_E_UNAVAILABLE, what @take returned, or a negative errno.
 */
int sockdump_walk(sockdump_take take, void *context) {
        struct sockdump dump = { .take = take, .context = context, .protocol = IPPROTO_TCP };
        static const sa_family_t families[] = { AF_INET, AF_INET6 };
        _cleanup_(netlink_freep) struct netlink *netlink = NULL;
        int r;

        r = netlink_new(NETLINK_SOCK_DIAG, &netlink);
        if (r < 0)
                return r == -EPROTONOSUPPORT ? SOCKDUMP_E_UNAVAILABLE : r;
        sockdump_question_tcp(netlink);
        r = sockdump_answer(netlink, &dump);
        dump.protocol = IPPROTO_UDP;
        for (size_t i = 0; i < 2 && !r; i++) {
                sockdump_question_udp(netlink, families[i]);
                r = sockdump_answer(netlink, &dump);
        }
        return r;
}
