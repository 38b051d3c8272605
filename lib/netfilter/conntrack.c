/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One connection's entry in conntrack.
 *
 * Owns: the lookup, and which of the entry's two directions is in.
 * Relies on: ctnetlink_get_conntrack() finds an entry by either of its tuples. For an incoming
 * connection, the reply tuple is local to remote as the socket has it, even if DNAT or REDIRECT
 * changed the original tuple. For an outgoing connection, the original tuple is local to remote.
 * Does not: look into conntrack zones, or zero a counter (IPCTNL_MSG_CT_GET_CTRZERO).
 */

#include "netfilter/conntrack.h"
#include "netlink/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

struct conntrack {
        struct netlink *netlink;
};

/* What libnetfilter_conntrack calls the parts of a direction. */
struct conntrack_direction {
        enum nf_conntrack_attr source4, source6, source_port;
        enum nf_conntrack_attr destination4, destination6, destination_port;
        enum nf_conntrack_attr bytes, packets, tcp_flags;
};

static const struct conntrack_direction conntrack_directions[] = {
        {
                .source4 = ATTR_ORIG_IPV4_SRC,
                .source6 = ATTR_ORIG_IPV6_SRC,
                .source_port = ATTR_ORIG_PORT_SRC,
                .destination4 = ATTR_ORIG_IPV4_DST,
                .destination6 = ATTR_ORIG_IPV6_DST,
                .destination_port = ATTR_ORIG_PORT_DST,
                .bytes = ATTR_ORIG_COUNTER_BYTES,
                .packets = ATTR_ORIG_COUNTER_PACKETS,
                .tcp_flags = ATTR_TCP_FLAGS_ORIG,
        },
        {
                .source4 = ATTR_REPL_IPV4_SRC,
                .source6 = ATTR_REPL_IPV6_SRC,
                .source_port = ATTR_REPL_PORT_SRC,
                .destination4 = ATTR_REPL_IPV4_DST,
                .destination6 = ATTR_REPL_IPV6_DST,
                .destination_port = ATTR_REPL_PORT_DST,
                .bytes = ATTR_REPL_COUNTER_BYTES,
                .packets = ATTR_REPL_COUNTER_PACKETS,
                .tcp_flags = ATTR_TCP_FLAGS_REPL,
        },
};

static void nfct_destroyp(struct nf_conntrack **object) {
        if (*object)
                nfct_destroy(*object);
}

/**
 * conntrack_free() - close the socket
 * @conntrack:  the object, or NULL
 *
 * Return: always NULL.
 */
struct conntrack *conntrack_free(struct conntrack *conntrack) {
        if (conntrack)
                (void)netlink_free(conntrack->netlink);
        free(conntrack);
        return NULL;
}

/**
 * conntrack_new() - open a socket to conntrack of this network namespace
 * @ret_conntrack:      the object, to be given to conntrack_free()
 *
 * Return: 0, CONNTRACK_E_UNAVAILABLE, or a negative errno.
 */
int conntrack_new(struct conntrack **ret_conntrack) {
        _cleanup_(conntrack_freep) struct conntrack *conntrack = calloc(1, sizeof(*conntrack));
        int r;

        if (!conntrack)
                return -ENOMEM;
        r = netlink_new(NETLINK_NETFILTER, &conntrack->netlink);
        if (r < 0)
                return r == -EPROTONOSUPPORT ? CONNTRACK_E_UNAVAILABLE : r;
        *ret_conntrack = pointer_steal(&conntrack);
        return 0;
}

/* Only ENOENT is about the entry. Without ctnetlink, nfnetlink_rcv_msg() says EINVAL. */
static int conntrack_error(int r) {
        switch (r) {
        case -ENOENT:
                return CONNTRACK_E_NOT_FOUND;
        case -EINVAL:
        case -EOPNOTSUPP:
        case -EPROTONOSUPPORT:
                return CONNTRACK_E_UNAVAILABLE;
        default:
                return r;
        }
}

static int conntrack_parse(const struct nlmsghdr *message, void *data) {
        return nfct_nlmsg_parse(message, data) < 0 ? -EPROTO : 0;
}

/* Ask for the entry that has this tuple in one of its directions. */
static int conntrack_lookup(struct conntrack *conntrack, const struct endpoint *source,
                            const struct endpoint *destination, struct nf_conntrack *ret_object) {
        _cleanup_(nfct_destroyp) struct nf_conntrack *tuple = NULL;
        const struct conntrack_direction *names = &conntrack_directions[0];
        bool ipv6 = source->address.family == AF_INET6;
        struct nlmsghdr *message;
        struct nfgenmsg *header;
        int r;

        tuple = nfct_new();
        if (!tuple)
                return -ENOMEM;
        nfct_set_attr_u8(tuple, ATTR_ORIG_L3PROTO, (uint8_t)source->address.family);
        nfct_set_attr_u8(tuple, ATTR_ORIG_L4PROTO, IPPROTO_TCP);
        nfct_set_attr(tuple, ipv6 ? names->source6 : names->source4, source->address.bytes);
        nfct_set_attr(tuple, ipv6 ? names->destination6 : names->destination4,
                      destination->address.bytes);
        nfct_set_attr_u16(tuple, names->source_port, htons(source->port));
        nfct_set_attr_u16(tuple, names->destination_port, htons(destination->port));

        message = netlink_question(conntrack->netlink,
                                   (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_GET, 0);
        header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
        header->nfgen_family = (uint8_t)source->address.family;
        header->version = NFNETLINK_V0;
        if (nfct_nlmsg_build(message, tuple) < 0)
                return -errno;

        r = netlink_ask(conntrack->netlink, conntrack_parse, ret_object);
        if (r)
                return conntrack_error(r);
        /* no error, but nothing that was parsed either */
        return nfct_attr_is_set(ret_object, ATTR_ORIG_PORT_SRC) ? 0 : -EPROTO;
}

static bool conntrack_endpoint_is(const struct nf_conntrack *object, enum nf_conntrack_attr attr4,
                                  enum nf_conntrack_attr attr6, enum nf_conntrack_attr port,
                                  const struct endpoint *endpoint) {
        bool ipv6 = endpoint->address.family == AF_INET6;
        enum nf_conntrack_attr address = ipv6 ? attr6 : attr4;

        return nfct_attr_is_set(object, address) > 0 && nfct_attr_is_set(object, port) > 0 &&
               ntohs(nfct_get_attr_u16(object, port)) == endpoint->port &&
               memcmp(nfct_get_attr(object, address), endpoint->address.bytes, ipv6 ? 16 : 4) == 0;
}

static bool conntrack_direction_is(const struct nf_conntrack *object,
                                   const struct conntrack_direction *names,
                                   const struct endpoint *source,
                                   const struct endpoint *destination) {
        return conntrack_endpoint_is(object, names->source4, names->source6, names->source_port,
                                     source) &&
               conntrack_endpoint_is(object, names->destination4, names->destination6,
                                     names->destination_port, destination);
}

/* Which of the entry's directions is in, which is out; false if neither is this connection's. */
static bool conntrack_orient(const struct nf_conntrack *object, const struct connection *connection,
                             const struct conntrack_direction **ret_in,
                             const struct conntrack_direction **ret_out) {
        for (size_t i = 0; i < 2; i++) {
                const struct conntrack_direction *this = &conntrack_directions[i];
                const struct conntrack_direction *other = &conntrack_directions[1 - i];

                if (conntrack_direction_is(object, this, &connection->local, &connection->remote)) {
                        *ret_out = this;
                        *ret_in = other;
                        return true;
                }
                if (conntrack_direction_is(object, this, &connection->remote, &connection->local)) {
                        *ret_in = this;
                        *ret_out = other;
                        return true;
                }
        }
        return false;
}

static bool conntrack_count(const struct nf_conntrack *object,
                            const struct conntrack_direction *names, struct counter *ret_counter) {
        if (nfct_attr_is_set(object, names->bytes) <= 0 ||
            nfct_attr_is_set(object, names->packets) <= 0)
                return false;
        ret_counter->bytes = nfct_get_attr_u64(object, names->bytes);
        ret_counter->packets = nfct_get_attr_u64(object, names->packets);
        return true;
}

/* nf_conntrack_tcp_packet() marks the direction whose FIN made the state FIN_WAIT. */
static bool conntrack_flag(struct nf_conntrack *object, const struct conntrack_direction *names,
                           uint8_t flag) {
        return nfct_attr_is_set(object, names->tcp_flags) > 0 &&
               nfct_get_attr_u8(object, names->tcp_flags) & flag;
}

/**
 * conntrack_get() - read a connection's entry
 * @conntrack:  the object
 * @connection: the connection as its socket has it, also behind DNAT or REDIRECT
 * @ret_entry:  the entry
 *
 * Return: 0, CONNTRACK_E_NOT_FOUND, CONNTRACK_E_UNAVAILABLE, or a negative errno.
 */
int conntrack_get(struct conntrack *conntrack, const struct connection *connection,
                  struct conntrack_entry *ret_entry) {
        _cleanup_(nfct_destroyp) struct nf_conntrack *object = NULL;
        const struct conntrack_direction *in, *out;
        struct conntrack_entry entry = { 0 };
        sa_family_t family = connection->local.address.family;
        int r;

        if ((family != AF_INET && family != AF_INET6) ||
            connection->remote.address.family != family)
                return -EAFNOSUPPORT;

        object = nfct_new();
        if (!object)
                return -ENOMEM;
        r = conntrack_lookup(conntrack, &connection->local, &connection->remote, object);
        if (r == CONNTRACK_E_NOT_FOUND)
                r = conntrack_lookup(conntrack, &connection->remote, &connection->local, object);
        if (r)
                return r;
        if (!conntrack_orient(object, connection, &in, &out))
                return CONNTRACK_E_NOT_FOUND;

        entry.id = nfct_get_attr_u32(object, ATTR_ID);
        entry.has_tcp_state = nfct_attr_is_set(object, ATTR_TCP_STATE) > 0;
        if (entry.has_tcp_state)
                entry.tcp_state = nfct_get_attr_u8(object, ATTR_TCP_STATE);
        if (conntrack_flag(object, in, IP_CT_TCP_FLAG_CLOSE_INIT))
                entry.closer = CONNTRACK_CLOSER_REMOTE;
        else if (conntrack_flag(object, out, IP_CT_TCP_FLAG_CLOSE_INIT))
                entry.closer = CONNTRACK_CLOSER_LOCAL;
        entry.picked_up = conntrack_flag(object, in, IP_CT_TCP_FLAG_BE_LIBERAL) &&
                          conntrack_flag(object, out, IP_CT_TCP_FLAG_BE_LIBERAL);
        entry.has_counters = conntrack_count(object, in, &entry.traffic.in) &&
                             conntrack_count(object, out, &entry.traffic.out);

        *ret_entry = entry;
        return 0;
}

/**
 * conntrack_entry_ended() - tell whether the connection of an entry is over
 * @entry:      the entry
 *
 * Return: true once both ends have closed it, or one has reset it; the last packets are counted.
 */
bool conntrack_entry_ended(const struct conntrack_entry *entry) {
        return entry->has_tcp_state && (entry->tcp_state == TCP_CONNTRACK_TIME_WAIT ||
                                        entry->tcp_state == TCP_CONNTRACK_CLOSE);
}

/**
 * conntrack_entry_reset() - tell whether the connection of an entry was reset
 * @entry:      the entry
 *
 * Return: true once either end has sent a RST, also in answer to what came after its FIN.
 */
bool conntrack_entry_reset(const struct conntrack_entry *entry) {
        return entry->has_tcp_state && entry->tcp_state == TCP_CONNTRACK_CLOSE;
}
