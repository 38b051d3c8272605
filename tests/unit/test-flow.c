/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Messages of ctnetlink, made as the kernel makes them (ctnetlink_fill_info()), and damaged ones.
 */

#include "netfilter/flow.h"
#include "unit.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 1024

struct message {
        uint64_t data[MESSAGE_MAX / sizeof(uint64_t)];
        struct nlmsghdr *header;
};

static void put_tuple(struct message *message, uint16_t type, bool ipv6, const char *source,
                      const char *destination, uint8_t protocol, uint16_t source_port,
                      uint16_t destination_port) {
        struct nlattr *tuple = mnl_attr_nest_start(message->header, type), *nest;
        uint8_t bytes[16];
        size_t size = ipv6 ? 16 : 4;

        nest = mnl_attr_nest_start(message->header, CTA_TUPLE_IP);
        assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, source, bytes), 1);
        mnl_attr_put(message->header, ipv6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, size, bytes);
        assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, destination, bytes), 1);
        mnl_attr_put(message->header, ipv6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, size, bytes);
        mnl_attr_nest_end(message->header, nest);
        nest = mnl_attr_nest_start(message->header, CTA_TUPLE_PROTO);
        mnl_attr_put_u8(message->header, CTA_PROTO_NUM, protocol);
        if (source_port) {
                mnl_attr_put_u16(message->header, CTA_PROTO_SRC_PORT, htons(source_port));
                mnl_attr_put_u16(message->header, CTA_PROTO_DST_PORT, htons(destination_port));
        }
        mnl_attr_nest_end(message->header, nest);
        mnl_attr_nest_end(message->header, tuple);
}

static void put_counters(struct message *message, uint16_t type, uint64_t packets, uint64_t bytes) {
        struct nlattr *nest = mnl_attr_nest_start(message->header, type);

        mnl_attr_put_u64(message->header, CTA_COUNTERS_PACKETS, htobe64(packets));
        mnl_attr_put_u64(message->header, CTA_COUNTERS_BYTES, htobe64(bytes));
        mnl_attr_nest_end(message->header, nest);
}

static void begin(struct message *message) {
        memset(message, 0, sizeof(*message));
        message->header = mnl_nlmsg_put_header(message->data);
        message->header->nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_NEW;
        mnl_nlmsg_put_extra_header(message->header, sizeof(struct nfgenmsg));
}

static void make(struct message *message) {
        struct nlattr *nest, *tcp;

        begin(message);
        put_tuple(message, CTA_TUPLE_ORIG, false, "198.51.100.7", "192.0.2.1", IPPROTO_TCP, 50000,
                  80);
        put_tuple(message, CTA_TUPLE_REPLY, false, "10.0.0.1", "198.51.100.7", IPPROTO_TCP, 8080,
                  50000);
        mnl_attr_put_u32(message->header, CTA_STATUS, htonl(IPS_SEEN_REPLY));
        mnl_attr_put_u32(message->header, CTA_ID, htonl(77));
        put_counters(message, CTA_COUNTERS_ORIG, 3, UINT64_C(5000000000));
        put_counters(message, CTA_COUNTERS_REPLY, 4, 600);
        nest = mnl_attr_nest_start(message->header, CTA_TIMESTAMP);
        mnl_attr_put_u64(message->header, CTA_TIMESTAMP_START, htobe64(123456789));
        mnl_attr_nest_end(message->header, nest);
        nest = mnl_attr_nest_start(message->header, CTA_PROTOINFO);
        tcp = mnl_attr_nest_start(message->header, CTA_PROTOINFO_TCP);
        mnl_attr_put_u8(message->header, CTA_PROTOINFO_TCP_STATE, 7);
        mnl_attr_nest_end(message->header, tcp);
        mnl_attr_nest_end(message->header, nest);
}

static void assert_endpoint(const struct endpoint *endpoint, const char *address,
                            unsigned int port) {
        char text[ADDRESS_TEXT_MAX];

        address_format(&endpoint->address, text);
        assert_string_equal(text, address);
        assert_int_equal(endpoint->port, port);
}

static void test_whole(void **state) {
        struct message message;
        struct flow flow;

        (void)state;
        make(&message);
        assert_int_equal(flow_parse(message.header, &flow), 0);
        assert_endpoint(&flow.original.source, "198.51.100.7", 50000);
        assert_endpoint(&flow.original.destination, "192.0.2.1", 80);
        assert_endpoint(&flow.reply.source, "10.0.0.1", 8080);
        assert_endpoint(&flow.reply.destination, "198.51.100.7", 50000);
        assert_int_equal(flow.protocol, IPPROTO_TCP);
        assert_int_equal(flow.id, 77);
        assert_true(flow.has_counters && flow.has_tcp_state && flow.replied && !flow.assured);
        assert_true(flow.original.counter.bytes == UINT64_C(5000000000));
        assert_int_equal(flow.original.counter.packets, 3);
        assert_int_equal(flow.reply.counter.bytes, 600);
        assert_int_equal(flow.reply.counter.packets, 4);
        assert_int_equal(flow.started, 123456789);
        assert_int_equal(flow.tcp_state, 7);
}

/* No accounting, no timestamps, no ports: IPv6's ICMP. */
static void test_least(void **state) {
        struct message message;
        struct flow flow;

        (void)state;
        begin(&message);
        put_tuple(&message, CTA_TUPLE_ORIG, true, "2001:db8::1", "2001:db8::2", IPPROTO_ICMPV6, 0,
                  0);
        assert_int_equal(flow_parse(message.header, &flow), FLOW_E_INVALID);
        put_tuple(&message, CTA_TUPLE_REPLY, true, "2001:db8::2", "2001:db8::1", IPPROTO_ICMPV6, 0,
                  0);
        assert_int_equal(flow_parse(message.header, &flow), 0);
        assert_endpoint(&flow.original.source, "2001:db8::1", 0);
        assert_endpoint(&flow.reply.source, "2001:db8::2", 0);
        assert_false(flow.has_counters || flow.has_tcp_state || flow.replied);
        assert_int_equal(flow.started, 0);
        put_counters(&message, CTA_COUNTERS_ORIG, 3, 5);
        assert_int_equal(flow_parse(message.header, &flow), 0);
        assert_false(flow.has_counters); /* of one way only */
}

static void test_other(void **state) {
        struct message message;
        struct flow flow = { .id = 5 };

        (void)state;
        make(&message);
        message.header->nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE;
        assert_int_equal(flow_parse(message.header, &flow), FLOW_E_OTHER);
        message.header->nlmsg_type = NLMSG_DONE;
        assert_int_equal(flow_parse(message.header, &flow), FLOW_E_OTHER);
        begin(&message);
        put_tuple(&message, CTA_TUPLE_ORIG, false, "192.0.2.1", "192.0.2.2", IPPROTO_TCP, 1, 2);
        put_tuple(&message, CTA_TUPLE_REPLY, false, "192.0.2.2", "192.0.2.1", IPPROTO_UDP, 2, 1);
        assert_int_equal(flow_parse(message.header, &flow), FLOW_E_INVALID);
        assert_int_equal(flow.id, 5);
}

/* Cut anywhere, in a block of just that size: no wrong number, and no read behind it. */
static void test_cut(void **state) {
        struct message message;
        struct flow flow;

        (void)state;
        make(&message);
        for (uint32_t size = sizeof(struct nlmsghdr); size < message.header->nlmsg_len; size++) {
                struct nlmsghdr *part = malloc(size);

                assert_non_null(part);
                memcpy(part, message.data, size);
                part->nlmsg_len = size;
                if (!flow_parse(part, &flow)) {
                        assert_endpoint(&flow.reply.source, "10.0.0.1", 8080);
                        assert_true(!flow.has_counters || flow.reply.counter.bytes == 600);
                }
                free(part);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_whole),
                cmocka_unit_test(test_least),
                cmocka_unit_test(test_other),
                cmocka_unit_test(test_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
