/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finding the client's connection by asking the socket: real ones of this process, over loopback,
 * which a made-up /proc shows as the ones of an sshd.
 */

#include "base/cleanup.h"
#include "net/connection.h"
#include "proc.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SSHD "/usr/sbin/sshd"
#define MPTCP 262 /* IPPROTO_MPTCP of linux/in.h */
#define HINT_NONE "198.51.100.7 50000 192.0.2.1 22"

static int find(const struct proc *proc, const char *ssh_connection, const char *rhost,
                struct connection_found *ret_found) {
        struct connection_hint hint;

        memset(ret_found, 0, sizeof(*ret_found));
        connection_hint_parse(ssh_connection, rhost, &hint);
        return connection_find(proc->fd, getpid(), &hint, CONNECTION_WAY_ANY, ret_found);
}

struct pair {
        int listener;
        int client;
        int server;
        struct sockaddr_in address;
};

static uint64_t inode_of(int fd) {
        struct stat status;

        assert_int_equal(fstat(fd, &status), 0);
        return status.st_ino;
}

static void pair_open_by(struct pair *pair, int protocol) {
        socklen_t size = sizeof(pair->address);

        pair->address = (struct sockaddr_in){ .sin_family = AF_INET,
                                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        pair->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol);
        pair->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol);
        assert_int_equal(bind(pair->listener, (struct sockaddr *)&pair->address, size), 0);
        assert_int_equal(listen(pair->listener, 1), 0);
        assert_int_equal(getsockname(pair->listener, (struct sockaddr *)&pair->address, &size), 0);
        assert_int_equal(connect(pair->client, (struct sockaddr *)&pair->address, size), 0);
        pair->server = accept4(pair->listener, NULL, NULL, SOCK_CLOEXEC);
        assert_true(pair->server >= 0);
}

static void pair_open(struct pair *pair) {
        pair_open_by(pair, 0);
}

static void pair_closep(struct pair *pair) {
        pair->listener = fd_close(pair->listener);
        pair->client = fd_close(pair->client);
        pair->server = fd_close(pair->server);
}

static void pair_hint(const struct pair *pair, char *ret_text, size_t room) {
        struct sockaddr_in client;
        socklen_t size = sizeof(client);

        assert_int_equal(getpeername(pair->server, (struct sockaddr *)&client, &size), 0);
        (void)snprintf(ret_text, room, "127.0.0.1 %d 127.0.0.1 %d", ntohs(client.sin_port),
                       ntohs(pair->address.sin_port));
}

static void show(const struct proc *proc, int fd) {
        proc_add_socket(proc, getpid(), fd, inode_of(fd));
}

/* There are no tables in these: whatever is found was asked for. */
static void add_self(const struct proc *proc) {
        proc_add(proc, &(struct proc_process){ getpid(), 1, 50, "sshd", SSHD, geteuid() });
}

static void test_asked(void **state) {
        _cleanup_(pair_closep) struct pair pair = { -1, -1, -1, { 0 } };
        _cleanup_(fd_closep) int datagram = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        _cleanup_(fd_closep) int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        _cleanup_(fd_closep) int unconnected = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        _cleanup_(fd_closep) int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
        _cleanup_(fd_closep) int again = -1;
        struct connection_found found;
        const struct proc *proc = *state;
        char hint[128];

        pair_open(&pair);
        assert_int_equal(connect(datagram, (struct sockaddr *)&pair.address, sizeof(pair.address)),
                         0);
        add_self(proc);
        show(proc, pair.listener);
        show(proc, datagram);
        show(proc, local);
        show(proc, unconnected);
        show(proc, netlink);
        assert_int_equal(find(proc, NULL, NULL, &found), CONNECTION_E_NONE);

        again = fcntl(pair.server, F_DUPFD_CLOEXEC, 0);
        show(proc, pair.server);
        show(proc, again);
        assert_int_equal(find(proc, NULL, NULL, &found), 0);
        assert_int_equal(found.inode, inode_of(pair.server));
        assert_int_equal(found.holder, getpid());
        assert_int_equal(found.connection.local.port, ntohs(pair.address.sin_port));
        assert_true(found.info.known);
        assert_int_equal(found.info.state, TCP_ESTABLISHED);
        assert_int_equal(found.multipath, MULTIPATH_NONE);
        assert_true(found.cookie > 0);

        show(proc, pair.client);
        assert_int_equal(find(proc, NULL, NULL, &found), CONNECTION_E_AMBIGUOUS);
        pair_hint(&pair, hint, sizeof(hint));
        assert_int_equal(find(proc, hint, NULL, &found), 0);
        assert_int_equal(found.inode, inode_of(pair.server));
}

/* The number of a descriptor stands for another socket by now: the table knows which. */
static void test_asked_is_another(void **state) {
        _cleanup_(pair_closep) struct pair pair = { -1, -1, -1, { 0 } };
        const struct proc *proc = *state;
        struct connection_found found;

        pair_open(&pair);
        add_self(proc);
        proc_add_socket(proc, getpid(), pair.server, 7);
        proc_write(proc, getpid(), "net/tcp",
                   "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when"
                   " retrnsmt   uid  timeout inode\n"
                   "   0: 0100007F:0016 0100007F:0001 01 00000000:00000000 "
                   "00:00000000 00000000     0        0 7 1\n");
        assert_int_equal(find(proc, NULL, NULL, &found), 0);
        assert_int_equal(found.inode, 7);
        assert_int_equal(found.connection.remote.port, 1);
}

static void test_asked_closed_by_client(void **state) {
        _cleanup_(pair_closep) struct pair pair = { -1, -1, -1, { 0 } };
        const struct proc *proc = *state;
        struct connection_found found;
        char hint[128], byte;

        pair_open(&pair);
        pair_hint(&pair, hint, sizeof(hint));
        add_self(proc);
        show(proc, pair.server);
        pair.client = fd_close(pair.client);
        assert_int_equal(read(pair.server, &byte, 1), 0);
        assert_int_equal(find(proc, hint, NULL, &found), 0);
        assert_int_equal(found.info.state, TCP_CLOSE_WAIT);
        assert_int_equal(found.inode, inode_of(pair.server));
}

static void test_asked_reset_by_client(void **state) {
        _cleanup_(pair_closep) struct pair pair = { -1, -1, -1, { 0 } };
        const struct linger linger = { .l_onoff = 1 };
        const struct proc *proc = *state;
        struct connection_found found;
        struct connection_hint expected;
        char hint[128], text[100] = "x";

        pair_open(&pair);
        pair_hint(&pair, hint, sizeof(hint));
        add_self(proc);
        show(proc, pair.server);
        assert_int_equal(send(pair.client, text, 100, 0), 100);
        assert_int_equal(recv(pair.server, text, 100, MSG_WAITALL), 100);
        assert_int_equal(setsockopt(pair.client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)),
                         0);
        pair.client = fd_close(pair.client);
        assert_int_equal(read(pair.server, text, 1), -1);
        assert_int_equal(errno, ECONNRESET);

        assert_int_equal(find(proc, hint, NULL, &found), 0);
        connection_hint_parse(hint, NULL, &expected);
        assert_true(address_connection_equal(&found.connection, &expected.connection));
        assert_int_equal(found.inode, inode_of(pair.server));
        assert_int_equal(found.info.state, TCP_CLOSE);
        assert_int_equal(found.info.in_bytes, 100);

        assert_int_equal(find(proc, NULL, NULL, &found), CONNECTION_E_NONE);
        assert_int_equal(find(proc, HINT_NONE, NULL, &found), CONNECTION_E_NONE);
}

/* Bound to the very address of the hint, but never connected. */
static void test_asked_bound_only(void **state) {
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        _cleanup_(fd_closep) int bound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const struct proc *proc = *state;
        socklen_t size = sizeof(address);
        struct connection_found found;
        char hint[128];

        assert_int_equal(bind(bound, (struct sockaddr *)&address, size), 0);
        assert_int_equal(getsockname(bound, (struct sockaddr *)&address, &size), 0);
        (void)snprintf(hint, sizeof(hint), "127.0.0.1 50000 127.0.0.1 %d", ntohs(address.sin_port));
        add_self(proc);
        show(proc, bound);
        assert_int_equal(find(proc, hint, NULL, &found), CONNECTION_E_NONE);
}

/* The socket of MPTCP itself: its ends are those of its first subflow, its cookie is of no use. */
static void test_asked_multipath(void **state) {
        _cleanup_(pair_closep) struct pair pair = { -1, -1, -1, { 0 } };
        _cleanup_(fd_closep) int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, MPTCP);
        const struct proc *proc = *state;
        struct connection_found found;
        char hint[128], text[100] = "x";

        if (probe < 0)
                unit_skip("this kernel has no MPTCP");
        pair_open_by(&pair, MPTCP);
        pair_hint(&pair, hint, sizeof(hint));
        add_self(proc);
        show(proc, probe);
        show(proc, pair.listener);
        show(proc, pair.server);
        assert_int_equal(send(pair.client, text, 100, 0), 100);
        assert_int_equal(recv(pair.server, text, 100, MSG_WAITALL), 100);
        for (int known = 0; known < 2; known++) {
                assert_int_equal(find(proc, known ? hint : NULL, NULL, &found), 0);
                assert_int_equal(found.inode, inode_of(pair.server));
                assert_int_equal(found.cookie, 0);
                /* an older kernel does not tell what the connection has moved */
                assert_true(found.multipath == MULTIPATH_ALONE ||
                            found.multipath == MULTIPATH_UNSURE);
                assert_true(found.info.known);
                assert_int_equal(found.info.in_bytes, 100);
                assert_int_equal(found.info.state, TCP_ESTABLISHED);
        }

        pair.client = fd_close(pair.client);
        assert_int_equal(read(pair.server, text, 1), 0);
        assert_int_equal(find(proc, hint, NULL, &found), 0);
        assert_int_equal(found.info.state, TCP_CLOSE_WAIT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, proc_setup, proc_teardown)

int main(void) {
        static const struct CMUnitTest tests[] = {
                TEST(test_asked),
                TEST(test_asked_is_another),
                TEST(test_asked_closed_by_client),
                TEST(test_asked_reset_by_client),
                TEST(test_asked_bound_only),
                TEST(test_asked_multipath),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
