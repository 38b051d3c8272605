/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One TCP socket, which the kernel's socket diagnosis finds by its four-tuple.
 *
 * Relies on: linux/inet_diag.h; net/ipv4/inet_diag.c, inet_diag_find_one_icsk(): a look-up without
 * NLM_F_DUMP falls back to a listener of the local end, and finds a v4-mapped socket under IPv4. A
 * socket that is bound to an interface, as every link-local one is, is found only if the request
 * names that interface.
 */

#include "netlink/sockdiag.h"

#include "netlink/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

struct sockdiag {
        struct netlink *netlink;
};

/* The answer while it is being parsed. */
struct sockdiag_answer {
        const struct connection *connection;
        bool found;
        struct sockdiag_socket socket;
};

/**
 * sockdiag_free() - close the socket
 * @sockdiag:   the object, or NULL
 *
 * Return: NULL.
 */
struct sockdiag *sockdiag_free(struct sockdiag *sockdiag) {
        if (sockdiag)
                (void)netlink_free(sockdiag->netlink);
        free(sockdiag);
        return NULL;
}

static struct inet_diag_req_v2 *sockdiag_request(struct sockdiag *sockdiag, sa_family_t family,
                                                 uint16_t flags) {
        struct nlmsghdr *message = netlink_question(sockdiag->netlink, SOCK_DIAG_BY_FAMILY, flags);
        struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(message, sizeof(*request));

        request->sdiag_family = (uint8_t)family;
        request->sdiag_protocol = IPPROTO_TCP;
        return request;
}

static int sockdiag_pass_over(const struct nlmsghdr *message, void *data) {
        (void)message;
        (void)data;
        return 0;
}

/*
 * A kernel without the diagnosis of TCP (module tcp_diag) says ENOENT to everything, as if no
 * socket were left. A dump of sockets in none of the states tells: it ends at once, with an error
 * or without (inet_diag_dump_icsk()).
 */
static int sockdiag_probe(struct sockdiag *sockdiag) {
        int r;

        (void)sockdiag_request(sockdiag, AF_INET, NLM_F_DUMP);
        r = netlink_ask(sockdiag->netlink, sockdiag_pass_over, NULL);
        return r < 0 && r != -ETIMEDOUT ? SOCKDIAG_E_UNAVAILABLE : r;
}

/**
 * sockdiag_new() - open a socket to the diagnosis of this network namespace
 * @ret_sockdiag:       the object, to be given to sockdiag_free()
 *
 * Return: 0, SOCKDIAG_E_UNAVAILABLE, or a negative errno.
 */
int sockdiag_new(struct sockdiag **ret_sockdiag) {
        _cleanup_(sockdiag_freep) struct sockdiag *sockdiag = calloc(1, sizeof(*sockdiag));
        int r;

        if (!sockdiag)
                return -ENOMEM;
        r = netlink_new(NETLINK_SOCK_DIAG, &sockdiag->netlink);
        if (r < 0)
                return r == -EPROTONOSUPPORT ? SOCKDIAG_E_UNAVAILABLE : r;
        r = sockdiag_probe(sockdiag);
        if (r)
                return r;
        *ret_sockdiag = pointer_steal(&sockdiag);
        return 0;
}

static int sockdiag_ulp(const struct nlattr *attribute, void *data) {
        bool *multipath = data;

        if (mnl_attr_get_type(attribute) == INET_ULP_INFO_NAME &&
            !mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) &&
            !strcmp(mnl_attr_get_str(attribute), "mptcp"))
                *multipath = true;
        return MNL_CB_OK;
}

static int sockdiag_attribute(const struct nlattr *attribute, void *data) {
        struct sockdiag_socket *found = data;

        if (mnl_attr_get_type(attribute) == INET_DIAG_ULP_INFO)
                return mnl_attr_parse_nested(attribute, sockdiag_ulp, &found->multipath);
        if (mnl_attr_get_type(attribute) == INET_DIAG_INFO)
                tcpinfo_from_kernel(mnl_attr_get_payload(attribute),
                                    mnl_attr_get_payload_len(attribute), &found->info);
        return MNL_CB_OK;
}

static int sockdiag_parse(const struct nlmsghdr *message, void *data) {
        struct sockdiag_answer *answer = data;
        const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(message);
        const struct endpoint *remote = &answer->connection->remote;

        if (mnl_nlmsg_get_payload_len(message) < sizeof(*socket))
                return -EPROTO;
        /* a listener has no remote end */
        if (socket->idiag_state == TCP_LISTEN || ntohs(socket->id.idiag_dport) != remote->port)
                return 0;

        answer->found = true;
        answer->socket.inode = socket->idiag_inode;
        answer->socket.cookie =
                (uint64_t)socket->id.idiag_cookie[1] << 32 | socket->id.idiag_cookie[0];
        answer->socket.state = socket->idiag_state;
        return mnl_attr_parse(message, sizeof(*socket), sockdiag_attribute, &answer->socket) < 0
                       ? -EPROTO
                       : 0;
}

static int sockdiag_error(int r) {
        switch (r) {
        case -ENOENT:
                return SOCKDIAG_E_NOT_FOUND;
        case -EINVAL:
        case -EOPNOTSUPP:
                return SOCKDIAG_E_UNAVAILABLE;
        default:
                return r;
        }
}

static int sockdiag_ask(struct sockdiag *sockdiag, const struct connection *connection,
                        unsigned int interface, struct sockdiag_answer *answer) {
        struct inet_diag_req_v2 *request;
        int r;

        request = sockdiag_request(sockdiag, connection->local.address.family, 0);
        request->idiag_ext = 1 << (INET_DIAG_INFO - 1);
        request->idiag_states = ~0U;
        request->id.idiag_sport = htons(connection->local.port);
        request->id.idiag_dport = htons(connection->remote.port);
        memcpy(request->id.idiag_src, connection->local.address.bytes, 16);
        memcpy(request->id.idiag_dst, connection->remote.address.bytes, 16);
        request->id.idiag_if = interface;
        request->id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
        request->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
        r = netlink_ask(sockdiag->netlink, sockdiag_parse, answer);
        if (r)
                return sockdiag_error(r);
        return answer->found ? 0 : SOCKDIAG_E_NOT_FOUND;
}

/* A link-local connection: on one of the interfaces of that namespace. */
static int sockdiag_ask_links(struct sockdiag *sockdiag, const struct connection *connection,
                              struct sockdiag_answer *answer) {
        struct if_nameindex *links = if_nameindex();
        int r = SOCKDIAG_E_NOT_FOUND;

        if (!links)
                return -errno;
        for (struct if_nameindex *link = links; link->if_index && r == SOCKDIAG_E_NOT_FOUND; link++)
                r = sockdiag_ask(sockdiag, connection, link->if_index, answer);
        if_freenameindex(links);
        return r;
}

/**
 * sockdiag_get() - ask for a connection's socket
 * @sockdiag:   the object
 * @connection: the connection as its socket has it
 * @interface:  the index of the interface that it is bound to; 0: to none; below 0: not known
 * @ret_socket: the socket; in TIME_WAIT it has no inode and no TCP_INFO
 *
 * Where the interface is not known, one that is bound is found only if it is link-local.
 *
 * Return: 0, SOCKDIAG_E_NOT_FOUND, SOCKDIAG_E_UNAVAILABLE, or a negative errno.
 */
int sockdiag_get(struct sockdiag *sockdiag, const struct connection *connection, int64_t interface,
                 struct sockdiag_socket *ret_socket) {
        struct sockdiag_answer answer = { .connection = connection };
        const uint8_t *bytes = connection->local.address.bytes;
        int r;

        r = sockdiag_ask(sockdiag, connection, interface < 0 ? 0 : (unsigned int)interface,
                         &answer);
        if (r == SOCKDIAG_E_NOT_FOUND && interface < 0 &&
            connection->local.address.family == AF_INET6 && bytes[0] == 0xfe &&
            (bytes[1] & 0xc0) == 0x80)
                r = sockdiag_ask_links(sockdiag, connection, &answer);
        if (!r)
                *ret_socket = answer.socket;
        return r;
}

/* A walk over the sockets of one port. */
struct sockdiag_walk {
        uint16_t port;
        sockdiag_take take;
        void *context;
        int result; /* of the last take */
};

static int sockdiag_walk_one(const struct nlmsghdr *message, void *data) {
        const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(message);
        struct sockdiag_entry entry = { 0 };
        struct sockdiag_walk *walk = data;
        struct sockdiag_socket found = { 0 };

        if (mnl_nlmsg_get_payload_len(message) < sizeof(*socket) ||
            mnl_attr_parse(message, sizeof(*socket), sockdiag_attribute, &found) < 0)
                return -EPROTO;
        if (ntohs(socket->id.idiag_sport) != walk->port ||
            address_from_bytes(socket->idiag_family, socket->id.idiag_src,
                               &entry.connection.local.address) < 0 ||
            address_from_bytes(socket->idiag_family, socket->id.idiag_dst,
                               &entry.connection.remote.address) < 0)
                return 0;
        entry.connection.local.port = ntohs(socket->id.idiag_sport);
        entry.connection.remote.port = ntohs(socket->id.idiag_dport);
        entry.inode = socket->idiag_inode;
        entry.interface = socket->id.idiag_if;
        entry.uid = socket->idiag_uid;
        entry.multipath = found.multipath;
        entry.cookie = (uint64_t)socket->id.idiag_cookie[1] << 32 | socket->id.idiag_cookie[0];
        walk->result = walk->take(walk->context, &entry);
        return walk->result < 0 ? walk->result : 0;
}

static int sockdiag_walk_states(struct sockdiag *sockdiag, uint32_t states, uint16_t port,
                                sockdiag_take take, void *context) {
        static const sa_family_t families[] = { AF_INET, AF_INET6 };
        struct sockdiag_walk walk = { .port = port, .take = take, .context = context };
        int r = 0;

        for (size_t i = 0; !r && i < sizeof(families) / sizeof(*families); i++) {
                struct inet_diag_req_v2 *request =
                        sockdiag_request(sockdiag, families[i], NLM_F_DUMP);

                request->idiag_ext = 1 << (INET_DIAG_INFO - 1); /* the upper layer comes with it */
                request->idiag_states = states;
                request->id.idiag_sport = htons(port);
                r = netlink_ask(sockdiag->netlink, sockdiag_walk_one, &walk);
                if (walk.result < 0)
                        return walk.result;
                /* sockets came or went meanwhile: one that was missed is there the next time */
                r = r == NETLINK_E_CHANGED ? 0 : sockdiag_error(r);
        }
        return r;
}

/**
 * sockdiag_walk() - look at all connections of a local port
 * @sockdiag:   the object
 * @port:       the port
 * @take:       gets each that goes on, as ESTABLISHED or CLOSE_WAIT, of both families; a negative
 *              errno of it ends the walk
 * @context:    for @take
 *
 * The kernel leaves out other ports itself (inet_diag_dump_icsk() compares idiag_sport).
 *
 * Return: 0, SOCKDIAG_E_UNAVAILABLE, SOCKDIAG_E_NOT_FOUND where the kernel has no such family, or a
 *         negative errno.
 */
int sockdiag_walk(struct sockdiag *sockdiag, uint16_t port, sockdiag_take take, void *context) {
        return sockdiag_walk_states(sockdiag, 1U << TCP_ESTABLISHED | 1U << TCP_CLOSE_WAIT, port,
                                    take, context);
}

/**
 * sockdiag_listeners() - look at all that listen on a local port
 * @sockdiag:   the object
 * @port:       the port
 * @take:       gets each; a negative errno of it ends the walk
 * @context:    for @take
 *
 * A listener of MPTCP is a listener of TCP with the upper layer "mptcp"
 * (mptcp_subflow_create_socket() in net/mptcp/subflow.c).
 *
 * Return: as sockdiag_walk().
 */
int sockdiag_listeners(struct sockdiag *sockdiag, uint16_t port, sockdiag_take take,
                       void *context) {
        return sockdiag_walk_states(sockdiag, 1U << TCP_LISTEN, port, take, context);
}
