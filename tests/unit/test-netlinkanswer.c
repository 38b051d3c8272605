/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the kernel answers: which messages are ours, where the answer ends, what an error means.
 */

#include "unit.h"

#include "netlink/netlinkanswer.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#define PORT 77
#define SEQUENCE 5

/* Messages behind each other, as they are received. */
static uint64_t bytes[64];
static size_t size;

static void put(uint16_t type, uint16_t flags, uint32_t port, uint32_t sequence,
                const void *payload, size_t length) {
        struct nlmsghdr header = {
                .nlmsg_len = (uint32_t)(NLMSG_HDRLEN + length),
                .nlmsg_type = type,
                .nlmsg_flags = flags,
                .nlmsg_seq = sequence,
                .nlmsg_pid = port,
        };

        memcpy((char *)bytes + size, &header, sizeof(header));
        memcpy((char *)bytes + size + NLMSG_HDRLEN, payload, length);
        size += NLMSG_ALIGN(header.nlmsg_len);
}

static void put_data(uint32_t port, uint32_t sequence, uint16_t flags) {
        struct nfgenmsg payload = { 0 };

        put(NFNL_SUBSYS_NFTABLES << 8, flags, port, sequence, &payload, sizeof(payload));
}

static void put_error(uint16_t type, uint32_t port, uint32_t sequence, int error) {
        put(type, 0, port, sequence, &error, sizeof(error));
}

static int count(const struct nlmsghdr *message, void *data) {
        (void)message;
        ++*(int *)data;
        return 0;
}

static int refuse(const struct nlmsghdr *message, void *data) {
        (void)message;
        ++*(int *)data;
        return -ENOMEM;
}

static bool parse(struct netlinkanswer *answer) {
        bool end = netlinkanswer_parse(bytes, size, PORT, SEQUENCE, answer);

        size = 0;
        return end;
}

static void test_ours(void **state) {
        int n = 0;
        struct netlinkanswer answer = { .take = count, .data = &n };

        (void)state;
        put_data(PORT, SEQUENCE, 0);
        put_data(PORT + 1, SEQUENCE, NLM_F_DUMP_INTR);
        put_data(PORT, SEQUENCE - 1, NLM_F_DUMP_INTR);
        put_error(NLMSG_ERROR, PORT, SEQUENCE - 1, -EPERM);
        put_error(NLMSG_DONE, PORT + 1, SEQUENCE, 0);
        put_data(PORT, SEQUENCE, 0);
        assert_false(parse(&answer));
        assert_int_equal(n, 2);
        assert_int_equal(answer.r, 0);
        assert_false(answer.changed);

        put_error(NLMSG_DONE, PORT, SEQUENCE, 0);
        put_data(PORT, SEQUENCE, 0);
        assert_true(parse(&answer));
        assert_int_equal(n, 2);
        assert_int_equal(answer.r, 0);
}

static void test_changed(void **state) {
        int n = 0;
        struct netlinkanswer answer = { .take = count, .data = &n };

        (void)state;
        put_data(PORT, SEQUENCE, 0);
        put_data(PORT, SEQUENCE, NLM_F_DUMP_INTR);
        put_error(NLMSG_DONE, PORT, SEQUENCE, 0);
        assert_true(parse(&answer));
        assert_int_equal(n, 2);
        assert_true(answer.changed);
}

/* Behind a failure the rest is read, and not looked at. */
static void test_drained(void **state) {
        int n = 0;
        struct netlinkanswer answer = { .take = refuse, .data = &n };

        (void)state;
        put_data(PORT, SEQUENCE, 0);
        put_data(PORT, SEQUENCE, 0);
        assert_false(parse(&answer));
        put_error(NLMSG_ERROR, PORT, SEQUENCE, -EPERM);
        assert_true(parse(&answer));
        assert_int_equal(n, 1);
        assert_int_equal(answer.r, -ENOMEM);
}

static void test_errors(void **state) {
        static const struct {
                int error, result;
        } cases[] = {
                { 0, 0 },           { -ENOENT, -ENOENT }, { -4095, -4095 },
                { -4096, -EPROTO }, { 1, -EPROTO },       { INT32_MIN, -EPROTO },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct netlinkanswer answer = { 0 };
                int result = 0;

                put_error(NLMSG_ERROR, PORT, SEQUENCE, cases[i].error);
                assert_true(netlinkanswer_parse_verdicts(bytes, size, PORT, SEQUENCE, SEQUENCE,
                                                         &result));
                assert_int_equal(result, cases[i].result);
                assert_true(parse(&answer));
                assert_int_equal(answer.r, cases[i].result);
        }
}

/* Messages that are not what they should be. */
static void test_damaged(void **state) {
        int n = 0;
        struct netlinkanswer answer = { .take = count, .data = &n };

        (void)state;
        put(NLMSG_ERROR, 0, PORT, SEQUENCE, "123", 3);
        assert_true(parse(&answer));
        assert_int_equal(answer.r, -EPROTO);
        answer.r = 0;
        put_data(PORT, SEQUENCE, 0);
        size--;
        assert_false(parse(&answer));
        assert_int_equal(n, 0);
}

static void test_commit(void **state) {
        int result = 0;

        (void)state;
        put_error(NLMSG_ERROR, PORT, 9, 0);
        put_error(NLMSG_ERROR, PORT + 1, 10, -EPERM);
        put_error(NLMSG_ERROR, PORT, 14, -EPERM);
        put_data(PORT, 10, 0);
        assert_false(netlinkanswer_parse_verdicts(bytes, size, PORT, 10, 13, &result));
        assert_int_equal(result, 0);
        put_error(NLMSG_ERROR, PORT, 11, -ENOENT);
        put_error(NLMSG_ERROR, PORT, 13, 0);
        assert_true(netlinkanswer_parse_verdicts(bytes, size, PORT, 10, 13, &result));
        assert_int_equal(result, -ENOENT);
        size = 0;

        /* across the end of the numbers */
        result = 0;
        put_error(NLMSG_ERROR, PORT, 1, -ENOENT);
        assert_true(netlinkanswer_parse_verdicts(bytes, size, PORT, UINT32_MAX, 2, &result));
        assert_int_equal(result, -ENOENT);
        size = 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ours),    cmocka_unit_test(test_changed),
                cmocka_unit_test(test_drained), cmocka_unit_test(test_errors),
                cmocka_unit_test(test_damaged), cmocka_unit_test(test_commit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
