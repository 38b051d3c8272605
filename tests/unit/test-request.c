/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The request: what goes in comes out, and nothing torn, doubled or out of range gets through.
 */

#include "request/request.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct request sample(void) {
        struct request request = {
                .session = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
                .opened_realtime = 1700000000000001,
                .opened_boottime = 12345678,
                .closed_boottime = 12345999,
                .pid = 4242,
                .inode = 987654321,
                .multipath = 2,
                .info = { .known = true,
                          .in_bytes = 1,
                          .in_segments = 2,
                          .out_bytes = 3,
                          .out_segments = 4,
                          .retrans_bytes = 5,
                          .acked_bytes = 2,
                          .min_rtt_us = 6,
                          .timestamps = true,
                          .state = 8 },
                .service = "sshd",
                .user = "alice=\n bob",
                .rhost = "",
                .auth_info = "publickey ssh-ed25519 AAAA\n",
                .login_session = NULL,
        };

        assert_int_equal(address_parse("10.0.0.1", &request.connection.local.address), 0);
        assert_int_equal(address_parse("10.0.0.2", &request.connection.remote.address), 0);
        request.connection.local.port = 22;
        request.connection.remote.port = 50000;
        return request;
}

static void test_round(void **state) {
        struct request in = sample(), out = { 0 };
        char data[REQUEST_MAX];
        const char *field;
        size_t size;

        (void)state;
        assert_int_equal(request_encode(&in, data, sizeof(data), &size), 0);
        assert_int_equal(request_decode(data, size, &out, &field), 0);
        assert_string_equal(out.session, in.session);
        assert_int_equal(out.opened_realtime, in.opened_realtime);
        assert_int_equal(out.opened_boottime, in.opened_boottime);
        assert_int_equal(out.closed_boottime, in.closed_boottime);
        assert_int_equal(out.pid, in.pid);
        assert_int_equal(out.inode, in.inode);
        assert_int_equal(out.multipath, 2);
        assert_true(address_connection_equal(&out.connection, &in.connection));
        assert_true(out.info.known && out.info.timestamps);
        assert_int_equal(out.info.in_bytes, 1);
        assert_int_equal(out.info.in_segments, 2);
        assert_int_equal(out.info.out_bytes, 3);
        assert_int_equal(out.info.out_segments, 4);
        assert_int_equal(out.info.retrans_bytes, 5);
        assert_int_equal(out.info.acked_bytes, 2);
        assert_int_equal(out.info.min_rtt_us, 6);
        assert_int_equal(out.info.state, 8);
        assert_string_equal(out.user, in.user);
        assert_string_equal(out.rhost, "");
        assert_string_equal(out.auth_info, in.auth_info);
        assert_null(out.login_session);
}

/* Every shorter piece of a request is refused. */
static void test_torn(void **state) {
        struct request in = sample(), out;
        char data[REQUEST_MAX];
        const char *field;
        size_t size;

        (void)state;
        assert_int_equal(request_encode(&in, data, sizeof(data), &size), 0);
        for (size_t n = 0; n < size; n++) {
                char *piece = malloc(n ? n : 1); /* of exactly that size, for ASan */

                assert_non_null(piece);
                memcpy(piece, data, n);
                assert_int_equal(request_decode(piece, n, &out, &field), REQUEST_E_INCOMPLETE);
                free(piece);
        }
}

static void test_room(void **state) {
        struct request in = sample();
        char data[REQUEST_MAX];
        size_t size, again;

        (void)state;
        assert_int_equal(request_encode(&in, data, sizeof(data), &size), 0);
        assert_int_equal(request_encode(&in, data, size, &again), 0);
        assert_int_equal(request_encode(&in, data, size - 1, &again), -E2BIG);
        assert_int_equal(request_encode(&in, data, 5, &again), -E2BIG);
}

#define GOOD                                                                                   \
        "session=017f22e2-79b0-7cc3-98c4-dc0c0c07398f\0opened_realtime=1\0opened_boottime=1\0" \
        "pid=1\0local=10.0.0.1 22\0inode=1\0service=sshd\0user=a\0"

#define CASE(text, result, field) \
        { text, sizeof(text), result, field }

static void test_bad(void **state) {
        static const struct {
                const char *data;
                size_t size;
                int result;
                const char *field;
        } cases[] = {
                CASE("pam_traffic_request=1\0" GOOD "remote=10.0.0.2 1\0end=", 0, NULL),
                CASE("pam_traffic_request=1\0" GOOD "remote=10.0.0.2 1\0new_key=x\0end=", 0, NULL),
                CASE("pam_traffic_request=2\0" GOOD "remote=10.0.0.2 1\0end=", REQUEST_E_VERSION,
                     NULL),
                CASE("", REQUEST_E_VERSION, NULL),
                CASE("pam_traffic_request=1\0end=", REQUEST_E_INVALID, "session"),
                CASE("pam_traffic_request=1\0" GOOD "end=", REQUEST_E_INVALID, "remote"),
                CASE("pam_traffic_request=1\0" GOOD "remote=::1 1\0end=", REQUEST_E_INVALID,
                     "remote"),
                CASE("pam_traffic_request=1\0" GOOD "remote=10.0.0.2 65536\0end=",
                     REQUEST_E_INVALID, "remote"),
                CASE("pam_traffic_request=1\0" GOOD "remote=10.0.0.2\0end=", REQUEST_E_INVALID,
                     "remote"),
                CASE("pam_traffic_request=1\0" GOOD "remote=nobody 1\0end=", REQUEST_E_INVALID,
                     "remote"),
                CASE("pam_traffic_request=1\0" GOOD "pid=2\0remote=10.0.0.2 1\0end=",
                     REQUEST_E_INVALID, "pid"),
                CASE("pam_traffic_request=1\0session=../../etc/passwd\0end=", REQUEST_E_INVALID,
                     "session"),
                CASE("pam_traffic_request=1\0tcp_known=2\0end=", REQUEST_E_INVALID, "tcp_known"),
                CASE("pam_traffic_request=1\0tcp_in_bytes=9223372036854775808\0end=",
                     REQUEST_E_INVALID, "tcp_in_bytes"),
                CASE("pam_traffic_request=1\0pid=-1\0end=", REQUEST_E_INVALID, "pid"),
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                const char *field = NULL;
                struct request request;

                assert_int_equal(request_decode(cases[i].data, cases[i].size, &request, &field),
                                 cases[i].result);
                if (cases[i].field)
                        assert_string_equal(field, cases[i].field);
        }
}

static void test_ack(void **state) {
        static const struct {
                const char *data;
                enum ack ack;
                size_t used;
        } cases[] = {
                { "", ACK_NONE, 0 },
                { "pam_traffic 1 rec", ACK_NONE, 0 },
                { "pam_traffic 1 recorded\n", ACK_RECORDED, 23 },
                { "pam_traffic 1 recorded\npam_traffic 1 counting\n", ACK_RECORDED, 23 },
                { "pam_traffic 1 counting\n", ACK_COUNTING, 23 },
                { "pam_traffic 1 failed\nrest", ACK_FAILED, 21 },
                { "pam_traffic 2 recorded\n", ACK_GARBAGE, 0 },
                { "pam_traffic 1 recorded!", ACK_GARBAGE, 0 },
                { "\n", ACK_GARBAGE, 0 },
                { "hello", ACK_GARBAGE, 0 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                size_t used = 99;

                assert_int_equal(ack_parse(cases[i].data, strlen(cases[i].data), &used),
                                 cases[i].ack);
                assert_int_equal(used, cases[i].used);
        }
        assert_string_equal(ack_line(ACK_RECORDED), "pam_traffic 1 recorded\n");
        assert_null(ack_line(ACK_GARBAGE));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round), cmocka_unit_test(test_torn),
                cmocka_unit_test(test_room),  cmocka_unit_test(test_bad),
                cmocka_unit_test(test_ack),
        };

        return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
