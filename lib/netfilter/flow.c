/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A message of ctnetlink about one entry, as a struct flow.
 *
 * Owns: which parts of the message are read, and the check of their sizes. Pure: bytes in, flow
 * out.
 * Relies on: ctnetlink_fill_info() in net/netfilter/nf_conntrack_netlink.c; numbers are big-endian.
 * Does not: look at zones: two entries of one tuple in two zones are two flows. It does not use
 * libnetfilter_conntrack either, which makes an object of 1 KB of each message: a table has
 * 100,000s.
 */

#include "netfilter/flow.h"

#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

/* The attributes of one level, by their types; those above are passed over. */
#define FLOW_ATTRIBUTES 32

struct flow_level {
        const struct nlattr *of[FLOW_ATTRIBUTES];
};

static int flow_attribute(const struct nlattr *attribute, void *data) {
        struct flow_level *level = data;
        uint16_t type = mnl_attr_get_type(attribute);

        if (type < FLOW_ATTRIBUTES)
                level->of[type] = attribute;
        return MNL_CB_OK;
}

static bool flow_nested(const struct nlattr *attribute, struct flow_level *ret_level) {
        *ret_level = (struct flow_level){ { NULL } };
        return attribute && mnl_attr_parse_nested(attribute, flow_attribute, ret_level) >= 0;
}

/* The bytes of an attribute, if it has as many. */
static bool flow_bytes(const struct nlattr *attribute, void *ret_bytes, size_t size) {
        if (!attribute || mnl_attr_get_payload_len(attribute) != size)
                return false;
        memcpy(ret_bytes, mnl_attr_get_payload(attribute), size);
        return true;
}

static bool flow_number32(const struct nlattr *attribute, uint32_t *ret_number) {
        uint32_t number;

        if (!flow_bytes(attribute, &number, sizeof(number)))
                return false;
        *ret_number = be32toh(number);
        return true;
}

static bool flow_number64(const struct nlattr *attribute, uint64_t *ret_number) {
        uint64_t number;

        if (!flow_bytes(attribute, &number, sizeof(number)))
                return false;
        *ret_number = be64toh(number);
        return true;
}

/* A protocol without ports leaves them 0. */
static void flow_port(const struct nlattr *attribute, uint16_t *ret_port) {
        uint16_t port;

        if (flow_bytes(attribute, &port, sizeof(port)))
                *ret_port = be16toh(port);
}

static bool flow_address(const struct flow_level *ip, uint16_t type4, uint16_t type6,
                         struct address *ret_address) {
        uint8_t bytes[16];

        if (flow_bytes(ip->of[type4], bytes, 4))
                return address_from_bytes(AF_INET, bytes, ret_address) == 0;
        return flow_bytes(ip->of[type6], bytes, 16) &&
               address_from_bytes(AF_INET6, bytes, ret_address) == 0;
}

static bool flow_tuple(const struct nlattr *attribute, struct flow_way *way,
                       uint8_t *ret_protocol) {
        struct flow_level tuple, ip, protocol;

        if (!flow_nested(attribute, &tuple) || !flow_nested(tuple.of[CTA_TUPLE_IP], &ip) ||
            !flow_nested(tuple.of[CTA_TUPLE_PROTO], &protocol))
                return false;
        if (!flow_address(&ip, CTA_IP_V4_SRC, CTA_IP_V6_SRC, &way->source.address) ||
            !flow_address(&ip, CTA_IP_V4_DST, CTA_IP_V6_DST, &way->destination.address) ||
            !flow_bytes(protocol.of[CTA_PROTO_NUM], ret_protocol, 1))
                return false;
        flow_port(protocol.of[CTA_PROTO_SRC_PORT], &way->source.port);
        flow_port(protocol.of[CTA_PROTO_DST_PORT], &way->destination.port);
        return true;
}

static bool flow_counter(const struct nlattr *attribute, struct counter *ret_counter) {
        struct flow_level level;

        return flow_nested(attribute, &level) &&
               flow_number64(level.of[CTA_COUNTERS_BYTES], &ret_counter->bytes) &&
               flow_number64(level.of[CTA_COUNTERS_PACKETS], &ret_counter->packets);
}

static void flow_tcp(const struct nlattr *attribute, struct flow *flow) {
        struct flow_level info, tcp;

        flow->has_tcp_state = flow_nested(attribute, &info) &&
                              flow_nested(info.of[CTA_PROTOINFO_TCP], &tcp) &&
                              flow_bytes(tcp.of[CTA_PROTOINFO_TCP_STATE], &flow->tcp_state, 1);
}

/**
 * flow_parse() - read a message
 * @message:    the message, all of which is there
 * @ret_flow:   the flow
 *
 * Return: 0, FLOW_E_OTHER or FLOW_E_INVALID.
 */
int flow_parse(const struct nlmsghdr *message, struct flow *ret_flow) {
        struct flow flow = { .id = 0 };
        struct flow_level top = { { NULL } }, timestamp;
        uint8_t protocol = 0;
        uint32_t status;

        if (message->nlmsg_type != ((NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_NEW))
                return FLOW_E_OTHER;
        /* libmnl reads up to the next multiple of 4, as the kernel pads */
        if (message->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(struct nfgenmsg) ||
            message->nlmsg_len % MNL_ALIGNTO ||
            mnl_attr_parse(message, sizeof(struct nfgenmsg), flow_attribute, &top) < 0)
                return FLOW_E_INVALID;
        if (!flow_tuple(top.of[CTA_TUPLE_ORIG], &flow.original, &flow.protocol) ||
            !flow_tuple(top.of[CTA_TUPLE_REPLY], &flow.reply, &protocol) ||
            protocol != flow.protocol)
                return FLOW_E_INVALID;

        (void)flow_number32(top.of[CTA_ID], &flow.id);
        if (flow_number32(top.of[CTA_STATUS], &status)) {
                flow.replied = status & IPS_SEEN_REPLY;
                flow.assured = status & IPS_ASSURED;
        }
        flow.has_counters = flow_counter(top.of[CTA_COUNTERS_ORIG], &flow.original.counter) &&
                            flow_counter(top.of[CTA_COUNTERS_REPLY], &flow.reply.counter);
        if (flow_nested(top.of[CTA_TIMESTAMP], &timestamp))
                (void)flow_number64(timestamp.of[CTA_TIMESTAMP_START], &flow.started);
        flow_tcp(top.of[CTA_PROTOINFO], &flow);

        *ret_flow = flow;
        return 0;
}
