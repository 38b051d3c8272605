/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the kernel's socket diagnosis tells is what its files in /proc say: sockets of every kind in
 * a network namespace of the test's own. Skipped without root.
 */

#include "base/cleanup.h"
#include "net/sockfile.h"
#include "netlink/sockdump.h"
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>

#define ROWS_MAX 64

struct world {
        int proc_fd;
};

struct told {
        uint8_t protocol;
        struct socktable_row row;
};

struct list {
        struct told rows[ROWS_MAX];
        size_t n;
        uint8_t protocol; /* of the file that is read */
};

static int bound(int family, int type, const char *address, uint16_t port) {
        struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
        int on = 1, fd = socket(family, type | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
        if (family == AF_INET6) {
                assert_int_equal(inet_pton(AF_INET6, address, &six.sin6_addr), 1);
                assert_int_equal(bind(fd, (struct sockaddr *)&six, sizeof(six)), 0);
        } else {
                assert_int_equal(inet_pton(AF_INET, address, &four.sin_addr), 1);
                assert_int_equal(bind(fd, (struct sockaddr *)&four, sizeof(four)), 0);
        }
        return fd;
}

static int connected(int type, const char *address, uint16_t port) {
        struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
        int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        assert_int_equal(inet_pton(AF_INET, address, &four.sin_addr), 1);
        assert_int_equal(connect(fd, (struct sockaddr *)&four, sizeof(four)), 0);
        return fd;
}

/* Listening, connected, not accepted, closed (TIME_WAIT), v4-mapped; with and without a peer. */
static void make_sockets(void) {
        int four = bound(AF_INET, SOCK_STREAM, "127.0.0.1", 7001);
        int six = bound(AF_INET6, SOCK_STREAM, "::", 7002), closed, fd, minutes = 600;
        struct sockaddr_in6 loopback = { .sin6_family = AF_INET6,
                                         .sin6_port = htons(7002),
                                         .sin6_addr = IN6ADDR_LOOPBACK_INIT };
        struct ifreq lo = { .ifr_flags = IFF_UP | IFF_RUNNING };

        memcpy(lo.ifr_name, "lo", sizeof("lo"));
        assert_int_equal(ioctl(four, SIOCSIFFLAGS, &lo), 0);
        assert_int_equal(listen(four, 8), 0);
        assert_int_equal(listen(bound(AF_INET, SOCK_STREAM, "127.0.0.1", 7001), 8), 0);
        assert_int_equal(listen(six, 8), 0);
        fd = connected(SOCK_STREAM, "127.0.0.1", 7002); /* v4-mapped at the other end */
        assert_true(accept4(six, NULL, NULL, SOCK_CLOEXEC) >= 0);
        (void)connected(SOCK_STREAM, "127.0.0.1", 7001);
        closed = connected(SOCK_STREAM, "127.0.0.1", 7002);
        fd = accept4(six, NULL, NULL, SOCK_CLOEXEC);
        assert_int_equal(close(closed), 0);
        assert_int_equal(close(fd), 0);
        /* closed here, not there: FIN_WAIT2, which waits as TIME_WAIT does */
        closed = connected(SOCK_STREAM, "127.0.0.1", 7002);
        assert_true(accept4(six, NULL, NULL, SOCK_CLOEXEC) >= 0);
        assert_int_equal(close(closed), 0);
        /* somebody else's, from here on */
        (void)setfsuid(4711);
        /* a connection that the other end believes in, and nobody has here yet (SYN_RECV) */
        fd = bound(AF_INET, SOCK_STREAM, "127.0.0.1", 7005);
        assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &minutes, sizeof(minutes)),
                         0);
        assert_int_equal(listen(fd, 8), 0);
        (void)connected(SOCK_STREAM, "127.0.0.1", 7005);
        fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&loopback, sizeof(loopback)), 0);
        (void)bound(AF_INET, SOCK_DGRAM, "0.0.0.0", 7003);
        (void)bound(AF_INET, SOCK_DGRAM, "0.0.0.0", 7003);
        (void)bound(AF_INET6, SOCK_DGRAM, "::1", 7004);
        (void)connected(SOCK_DGRAM, "127.0.0.1", 7003);
        assert_true(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
        assert_true(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0); /* not bound */
        (void)bound(AF_INET, SOCK_STREAM, "127.0.0.1", 7006);             /* bound, and no more */
        (void)setfsuid(0);
}

static int on_closing(void *context, const struct socktable_row *row) {
        *(int *)context += row->state == TCP_FIN_WAIT1 || row->state == TCP_LAST_ACK;
        return 0;
}

/* What was closed is acknowledged, perhaps only after a while: then nothing changes any more. */
static void settle(int proc_fd) {
        int closing = 1;

        for (int i = 0; closing && i < 15000; i++) {
                closing = 0;
                assert_int_equal(sockfile_walk(proc_fd, "self/net/tcp", on_closing, &closing), 0);
                assert_int_equal(sockfile_walk(proc_fd, "self/net/tcp6", on_closing, &closing), 0);
                (void)usleep(closing ? 10000 : 0);
        }
        assert_int_equal(closing, 0);
}

static int set_up(void **state) {
        static struct world world;

        world.proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(world.proc_fd >= 0);
        if (unshare(CLONE_NEWNET) < 0)
                return 0;
        /* in another network namespace, too: the kernel may have them in one table */
        make_sockets();
        assert_int_equal(unshare(CLONE_NEWNET), 0);
        make_sockets();
        settle(world.proc_fd);
        *state = &world;
        return 0;
}

static int on_told(void *context, uint8_t protocol, const struct socktable_row *row) {
        struct list *list = context;

        assert_true(list->n < ROWS_MAX);
        list->rows[list->n].protocol = protocol;
        list->rows[list->n].row.local = row->local;
        list->rows[list->n].row.remote = row->remote;
        list->rows[list->n].row.state = row->state;
        /* the diagnosis has no owner of what its listener does not have yet */
        list->rows[list->n].row.uid = row->state == TCP_SYN_RECV ? 0 : row->uid;
        list->rows[list->n++].row.inode = row->inode;
        return 0;
}

static int on_row(void *context, const struct socktable_row *row) {
        struct list *list = context;

        return on_told(list, list->protocol, row);
}

static int compare_rows(const void *a, const void *b) {
        return memcmp(a, b, sizeof(struct told));
}

static void sort(struct list *list) {
        qsort(list->rows, list->n, sizeof(*list->rows), compare_rows);
}

static struct list files, told; /* zeros, where nothing is written between the members */

static void test_same(void **state) {
        static const struct {
                const char *path;
                uint8_t protocol;
        } tables[] = { { "self/net/tcp", IPPROTO_TCP },
                       { "self/net/tcp6", IPPROTO_TCP },
                       { "self/net/udp", IPPROTO_UDP },
                       { "self/net/udp6", IPPROTO_UDP } };
        const struct world *world = *state;

        if (!world)
                unit_skip("no network namespace can be made here");
        for (size_t i = 0; i < UNIT_COUNT(tables); i++) {
                files.protocol = tables[i].protocol;
                assert_int_equal(sockfile_walk(world->proc_fd, tables[i].path, on_row, &files), 0);
        }

        assert_int_equal(sockdump_walk(on_told, &told), 0);

        assert_in_range(files.n, 19, 20); /* a closed one may still have its other end */
        assert_int_equal(told.n, files.n);
        sort(&files);
        sort(&told);
        for (size_t i = 0; i < files.n; i++)
                assert_memory_equal(&told.rows[i], &files.rows[i], sizeof(*told.rows));
}

static int refuse(void *context, uint8_t protocol, const struct socktable_row *row) {
        (void)protocol;
        (void)row;
        ++*(int *)context;
        return -ECANCELED;
}

/* A taker that has had enough. */
static void test_ends(void **state) {
        int n = 0;

        if (!*state)
                unit_skip("no network namespace can be made here");
        assert_int_equal(sockdump_walk(refuse, &n), -ECANCELED);
        assert_int_equal(n, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_same),
                cmocka_unit_test(test_ends),
        };

        return cmocka_run_group_tests_name("sockdump", tests, set_up, NULL);
}
