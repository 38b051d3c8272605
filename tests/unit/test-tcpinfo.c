/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * TCP_INFO: from bytes, from a live socket, and the estimate of what was on the wire.
 */

#include "base/cleanup.h"
#include "net/tcpinfo.h"
#include "unit.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const struct tcp_info sample = {
        .tcpi_state = 8,
        .tcpi_options = TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK,
        .tcpi_bytes_received = 1000,
        .tcpi_segs_in = 10,
        .tcpi_bytes_sent = 2300,
        .tcpi_bytes_retrans = 300,
        .tcpi_bytes_acked = 1900,
        .tcpi_segs_out = 20,
        .tcpi_min_rtt = 77,
};

static void test_from_kernel(void **state) {
        struct tcpinfo info;

        (void)state;
        tcpinfo_from_kernel(&sample, sizeof(sample), &info);
        assert_true(info.known);
        assert_int_equal(info.in_bytes, 1000);
        assert_int_equal(info.in_segments, 10);
        assert_int_equal(info.out_bytes, 2000);
        assert_int_equal(info.acked_bytes, 1900);
        assert_int_equal(info.out_segments, 20);
        assert_int_equal(info.retrans_bytes, 300);
        assert_int_equal(info.min_rtt_us, 77);
        assert_true(info.timestamps);
        assert_int_equal(info.state, 8);
}

/* All of it, and the FIN. */
static void test_acked(void **state) {
        struct tcp_info kernel = sample;
        struct tcpinfo info;

        (void)state;
        kernel.tcpi_bytes_acked = 2001;
        tcpinfo_from_kernel(&kernel, sizeof(kernel), &info);
        assert_int_equal(info.acked_bytes, 2000);
}

static void test_stalled(void **state) {
        struct tcp_info kernel[] = { sample, sample, sample };
        struct tcpinfo info;

        (void)state;
        kernel[1].tcpi_retransmits = 1;
        kernel[2].tcpi_probes = 1;
        for (size_t i = 0; i < 3; i++) {
                tcpinfo_from_kernel(&kernel[i], sizeof(kernel[i]), &info);
                assert_int_equal(info.stalled, i > 0);
        }

        /* a peer that does not read, but answers */
        kernel[0].tcpi_backoff = 3;
        /* retransmits of the past: all was answered */
        kernel[0].tcpi_total_retrans = 5;
        tcpinfo_from_kernel(&kernel[0], sizeof(kernel[0]), &info);
        assert_false(info.stalled);
}

static void test_old_and_new_kernels(void **state) {
        const size_t enough = offsetof(struct tcp_info, tcpi_bytes_retrans) + 8;
        struct {
                struct tcp_info info;
                uint8_t more[64];
        } newer = { .info = sample };
        struct tcpinfo info = { .known = true };

        (void)state;
        tcpinfo_from_kernel(&sample, enough - 1, &info);
        assert_false(info.known);
        tcpinfo_from_kernel(&sample, enough, &info);
        assert_true(info.known);
        assert_int_equal(info.retrans_bytes, 300);
        tcpinfo_from_kernel(&newer, sizeof(newer), &info);
        assert_true(info.known);
        tcpinfo_from_kernel(&sample, 0, &info);
        assert_false(info.known);
}

static void test_wire(void **state) {
        struct tcpinfo info = {
                .known = true,
                .in_bytes = 1000,
                .in_segments = 10,
                .out_bytes = 2000,
                .out_segments = 20,
                .retrans_bytes = 300,
                .timestamps = true,
        };
        uint64_t in, out;

        (void)state;
        tcpinfo_wire(&info, AF_INET, &in, &out);
        assert_int_equal(in, 1000 + 10 * (20 + 20 + 12));
        assert_int_equal(out, 2000 + 300 + 20 * (20 + 20 + 12));
        tcpinfo_wire(&info, AF_INET6, &in, &out);
        assert_int_equal(in, 1000 + 10 * (40 + 20 + 12));
        assert_int_equal(out, 2000 + 300 + 20 * (40 + 20 + 12));
        info.timestamps = false;
        tcpinfo_wire(&info, AF_INET, &in, &out);
        assert_int_equal(in, 1000 + 10 * (20 + 20));
        assert_int_equal(out, 2000 + 300 + 20 * (20 + 20));
}

static void test_read(void **state) {
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        _cleanup_(fd_closep) int listener = -1;
        _cleanup_(fd_closep) int client = -1;
        _cleanup_(fd_closep) int server = -1;
        socklen_t size = sizeof(address);
        struct tcpinfo info;
        char text[100] = "x";

        (void)state;
        listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
        assert_int_equal(listen(listener, 1), 0);
        assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
        assert_int_equal(connect(client, (struct sockaddr *)&address, size), 0);
        server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        assert_true(server >= 0);

        assert_int_equal(send(client, text, 100, 0), 100);
        assert_int_equal(recv(server, text, 100, MSG_WAITALL), 100);
        assert_int_equal(send(server, text, 30, 0), 30);
        assert_int_equal(recv(client, text, 30, MSG_WAITALL), 30);

        assert_int_equal(tcpinfo_read(server, &info), 0);
        assert_true(info.known);
        assert_int_equal(info.in_bytes, 100);
        assert_int_equal(info.out_bytes, 30);
        assert_int_equal(info.retrans_bytes, 0);
        assert_true(info.in_segments >= 2);
        assert_true(info.out_segments >= 1);
        assert_false(info.stalled);
        assert_int_equal(info.state, 1);
}

static void test_read_refuses(void **state) {
        _cleanup_(fd_closep) int datagram = -1;
        struct tcpinfo info = { .in_bytes = 77 };
        int pair[2];

        (void)state;
        assert_int_equal(tcpinfo_read(-1, &info), -EBADF);

        assert_int_equal(pipe(pair), 0);
        assert_int_equal(tcpinfo_read(pair[0], &info), -ENOTSOCK);
        (void)fd_close(pair[0]);
        (void)fd_close(pair[1]);

        datagram = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert_true(tcpinfo_read(datagram, &info) < 0);
        assert_int_equal(info.in_bytes, 77);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_from_kernel),  cmocka_unit_test(test_acked),
                cmocka_unit_test(test_stalled),      cmocka_unit_test(test_old_and_new_kernels),
                cmocka_unit_test(test_wire),         cmocka_unit_test(test_read),
                cmocka_unit_test(test_read_refuses),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
