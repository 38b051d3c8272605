/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finding the client's connection in a made-up /proc, by table: the sockets are the captured ones
 * of data/tcp and data/tcp6.
 */

#include "base/cleanup.h"
#include "base/file.h"
#include "net/connection.h"
#include "proc.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SSHD "/usr/sbin/sshd"

/* No process has such a number: way (a) cannot be taken. */
#define MONITOR 99999999
#define PARENT 99999998
#define GRANDPARENT 99999997

/* Inodes of data/tcp and data/tcp6. */
#define LISTENER 13517
#define CLIENT 13519
#define CLIENT_CLOSE_WAIT 13521
#define LISTENER_SIX 13525
#define MAPPED 13527
#define SIX 13529
#define LINK_LOCAL 13533

/* The hint that fits one of them. */
#define HINT_CLIENT "198.51.100.7 50000 192.0.2.1 22"
#define HINT_CLOSE_WAIT "198.51.100.7 50001 192.0.2.1 22"
#define HINT_MAPPED "198.51.100.7 50003 192.0.2.1 2222"
#define HINT_SIX "2001:db8:1:2:3:4:5:6 50004 2001:db8::1 2222"
#define HINT_LINK_LOCAL "fe80::1234:5678:9abc:def0%v0 50005 fe80::1234:5678:9abc:def0%v0 2222"

static void add(const struct proc *proc, int pid, int parent, const char *exe) {
        _cleanup_(fd_closep) int data_fd = open(TEST_DATA, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        static const char *const tables[] = { "tcp", "tcp6" };
        char name[32], file[32];

        proc_add(proc, &(struct proc_process){ pid, parent, 50, "sshd", exe, geteuid() });
        for (size_t i = 0; i < UNIT_COUNT(tables); i++) {
                _cleanup_(freep) char *text = NULL;
                size_t size;

                /* as this host's kernel writes it */
                (void)snprintf(file, sizeof(file), "%s%s", tables[i],
                               BYTE_ORDER == BIG_ENDIAN ? "-big-endian" : "");
                assert_int_equal(file_read_at(data_fd, file, 1 << 20, &text, &size), 0);
                (void)snprintf(name, sizeof(name), "net/%s", tables[i]);
                proc_write(proc, pid, name, text);
        }
}

static int find(const struct proc *proc, int pid, const char *ssh_connection, const char *rhost,
                struct connection_found *ret_found) {
        struct connection_hint hint;

        memset(ret_found, 0, sizeof(*ret_found));
        connection_hint_parse(ssh_connection, rhost, &hint);
        return connection_find(proc->fd, pid, &hint, CONNECTION_WAY_ANY, ret_found);
}

static void assert_found(const struct proc *proc, const char *ssh_connection, uint64_t inode,
                         int holder) {
        struct connection_found found;
        struct connection_hint hint;

        assert_int_equal(find(proc, MONITOR, ssh_connection, NULL, &found), 0);
        assert_int_equal(found.inode, inode);
        assert_int_equal(found.holder, holder);
        assert_false(found.info.known);
        connection_hint_parse(ssh_connection, NULL, &hint);
        if (hint.has_connection)
                assert_true(address_connection_equal(&found.connection, &hint.connection));
}

static void test_by_table(void **state) {
        const struct proc *proc = *state;

        add(proc, MONITOR, 1, SSHD);
        proc_add_fd(proc, MONITOR, 0, "/dev/null");
        proc_add_fd(proc, MONITOR, 1, "pipe:[13519]");
        proc_add_fd(proc, MONITOR, 2, "anon_inode:[eventpoll]");
        proc_add_socket(proc, MONITOR, 3, LISTENER);
        proc_add_socket(proc, MONITOR, 4, LISTENER_SIX);
        proc_add_socket(proc, MONITOR, 5, 4711); /* in neither table */
        proc_add_socket(proc, MONITOR, 6, CLIENT);
        proc_add_socket(proc, MONITOR, 7, CLIENT); /* once more */
        assert_found(proc, NULL, CLIENT, MONITOR);
        assert_found(proc, HINT_CLIENT, CLIENT, MONITOR);

        proc_add_socket(proc, MONITOR, 8, CLIENT_CLOSE_WAIT);
        proc_add_socket(proc, MONITOR, 9, MAPPED);
        proc_add_socket(proc, MONITOR, 10, SIX);
        proc_add_socket(proc, MONITOR, 11, LINK_LOCAL);
        assert_found(proc, HINT_CLIENT, CLIENT, MONITOR);
        assert_found(proc, HINT_CLOSE_WAIT, CLIENT_CLOSE_WAIT, MONITOR);
        assert_found(proc, HINT_MAPPED, MAPPED, MONITOR);
        assert_found(proc, HINT_SIX, SIX, MONITOR);
        assert_found(proc, HINT_LINK_LOCAL, LINK_LOCAL, MONITOR);
}

static void test_rhost(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;

        add(proc, MONITOR, 1, SSHD);
        proc_add_socket(proc, MONITOR, 3, CLIENT);
        proc_add_socket(proc, MONITOR, 4, SIX);
        assert_int_equal(find(proc, MONITOR, NULL, NULL, &found), CONNECTION_E_AMBIGUOUS);
        assert_int_equal(find(proc, MONITOR, NULL, "a.example.net", &found),
                         CONNECTION_E_AMBIGUOUS);
        assert_int_equal(find(proc, MONITOR, NULL, "198.51.100.7", &found), 0);
        assert_int_equal(found.inode, CLIENT);
        assert_int_equal(find(proc, MONITOR, NULL, "2001:db8:1:2:3:4:5:6", &found), 0);
        assert_int_equal(found.inode, SIX);
        assert_int_equal(find(proc, MONITOR, NULL, "203.0.113.1", &found), CONNECTION_E_NONE);
}

static void test_never(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;

        add(proc, MONITOR, 1, SSHD);
        assert_int_equal(find(proc, MONITOR, NULL, NULL, &found), CONNECTION_E_NONE);
        proc_add_socket(proc, MONITOR, 3, LISTENER);
        proc_add_socket(proc, MONITOR, 4, 0); /* the inode of rows without a socket */
        assert_int_equal(find(proc, MONITOR, NULL, NULL, &found), CONNECTION_E_NONE);
        proc_add_socket(proc, MONITOR, 5, CLIENT);
        assert_int_equal(find(proc, MONITOR, HINT_SIX, NULL, &found), CONNECTION_E_NONE);
        assert_int_equal(find(proc, MONITOR, "UNKNOWN 65535 UNKNOWN 65535", NULL, &found),
                         CONNECTION_E_NOT_TCP);
        /* which a user may have written himself, while PAM_RHOST says otherwise */
        assert_int_equal(find(proc, MONITOR, "UNKNOWN 65535 UNKNOWN 65535", "203.0.113.1", &found),
                         CONNECTION_E_NONE);
        assert_int_equal(find(proc, PARENT, NULL, NULL, &found), -ESRCH);
}

static void test_states(void **state) {
        static const struct {
                int state;
                bool expected;
        } cases[] = {
                { TCP_ESTABLISHED, true }, { TCP_SYN_SENT, false }, { TCP_SYN_RECV, true },
                { TCP_FIN_WAIT1, true },   { TCP_FIN_WAIT2, true }, { TCP_CLOSE, false },
                { TCP_CLOSE_WAIT, true },  { TCP_LAST_ACK, true },  { TCP_LISTEN, false },
                { TCP_CLOSING, true },
        };
        const struct proc *proc = *state;
        struct connection_found found;
        char text[512];

        add(proc, MONITOR, 1, SSHD);
        proc_add_socket(proc, MONITOR, 3, 7);
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                (void)snprintf(text, sizeof(text),
                               "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when"
                               " retrnsmt   uid  timeout inode\n"
                               "garbage\n"
                               "   0: 0100007F:0016 0100007F:C350 %02X 00000000:00000000 "
                               "00:00000000 00000000     0        0 7 1\n",
                               (unsigned int)cases[i].state);
                proc_write(proc, MONITOR, "net/tcp", text);
                assert_int_equal(find(proc, MONITOR, NULL, NULL, &found),
                                 cases[i].expected ? 0 : CONNECTION_E_NONE);
        }
}

static void test_tables_missing_or_broken(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;
        char path[128];

        add(proc, MONITOR, 1, SSHD);
        proc_add_socket(proc, MONITOR, 3, CLIENT);
        (void)snprintf(path, sizeof(path), "%s/%d/net/tcp6", proc->path, MONITOR);
        assert_int_equal(unlink(path), 0);
        assert_found(proc, HINT_CLIENT, CLIENT, MONITOR);

        proc_write(proc, MONITOR, "net/tcp6", "what is this\n");
        assert_int_equal(find(proc, MONITOR, HINT_CLIENT, NULL, &found), -EBADMSG);
        (void)snprintf(path, sizeof(path), "%s/%d/net/tcp", proc->path, MONITOR);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(find(proc, MONITOR, HINT_CLIENT, NULL, &found), -ENOENT);
}

static void test_not_sshd(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;

        add(proc, MONITOR, PARENT, "/usr/bin/su");
        add(proc, PARENT, 1, SSHD);
        proc_add_socket(proc, MONITOR, 3, CLIENT);
        proc_add_socket(proc, PARENT, 3, CLIENT);
        assert_int_equal(find(proc, MONITOR, HINT_CLIENT, NULL, &found), CONNECTION_E_NOT_SSHD);
        assert_int_equal(find(proc, MONITOR, NULL, NULL, &found), CONNECTION_E_NOT_SSHD);
}

static void test_ancestor(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;

        unit_needs_root();
        add(proc, MONITOR, PARENT, SSHD);
        add(proc, PARENT, GRANDPARENT, SSHD);
        add(proc, GRANDPARENT, 1, SSHD);
        proc_add_socket(proc, GRANDPARENT, 3, CLIENT);
        assert_found(proc, NULL, CLIENT, GRANDPARENT);
        assert_found(proc, HINT_CLIENT, CLIENT, GRANDPARENT);

        /* one that does not fit the hint does not end the walk, one that fits does */
        proc_add_socket(proc, MONITOR, 3, SIX);
        assert_found(proc, HINT_CLIENT, CLIENT, GRANDPARENT);
        assert_int_equal(find(proc, MONITOR, NULL, "198.51.100.7", &found), 0);
        assert_int_equal(found.holder, GRANDPARENT);
        proc_add_socket(proc, PARENT, 3, CLIENT);
        assert_found(proc, HINT_CLIENT, CLIENT, PARENT);

        /* neither does one that does not decide */
        proc_add_socket(proc, MONITOR, 4, MAPPED);
        assert_int_equal(find(proc, MONITOR, NULL, NULL, &found), CONNECTION_E_AMBIGUOUS);
}

static void test_ancestor_is_not_sshd(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;

        unit_needs_root();
        add(proc, MONITOR, PARENT, SSHD);
        add(proc, PARENT, GRANDPARENT, "/usr/bin/su");
        add(proc, GRANDPARENT, 1, SSHD);
        proc_add_socket(proc, PARENT, 3, CLIENT);
        proc_add_socket(proc, GRANDPARENT, 3, CLIENT);
        assert_int_equal(find(proc, MONITOR, HINT_CLIENT, NULL, &found), CONNECTION_E_NONE);
}

static void test_ancestor_is_not_root(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;
        char path[128];

        unit_needs_root();
        add(proc, MONITOR, PARENT, SSHD);
        add(proc, PARENT, 1, SSHD);
        proc_add_socket(proc, PARENT, 3, CLIENT);
        assert_found(proc, HINT_CLIENT, CLIENT, PARENT);
        (void)snprintf(path, sizeof(path), "%s/%d", proc->path, PARENT);
        assert_int_equal(chown(path, 1000, (gid_t)-1), 0);
        assert_int_equal(find(proc, MONITOR, HINT_CLIENT, NULL, &found), CONNECTION_E_NONE);
}

static void test_ancestor_is_younger(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;

        unit_needs_root();
        add(proc, MONITOR, PARENT, SSHD);
        proc_add(proc, &(struct proc_process){ PARENT, 1, 51, "sshd", SSHD, 0 });
        proc_add_socket(proc, PARENT, 3, CLIENT);
        assert_int_equal(find(proc, MONITOR, HINT_CLIENT, NULL, &found), CONNECTION_E_NONE);
}

static void test_depth(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;

        unit_needs_root();
        for (int i = 0; i < 17; i++)
                add(proc, MONITOR - i, MONITOR - i - 1, SSHD);
        proc_add_socket(proc, MONITOR - 16, 3, CLIENT); /* the seventeenth */
        assert_int_equal(find(proc, MONITOR, HINT_CLIENT, NULL, &found), CONNECTION_E_NONE);
        proc_add_socket(proc, MONITOR - 15, 3, CLIENT);
        assert_found(proc, HINT_CLIENT, CLIENT, MONITOR - 15);
}

static void test_circle(void **state) {
        const struct proc *proc = *state;
        struct connection_found found;

        unit_needs_root();
        add(proc, MONITOR, PARENT, SSHD);
        add(proc, PARENT, MONITOR, SSHD);
        assert_int_equal(find(proc, MONITOR, HINT_CLIENT, NULL, &found), CONNECTION_E_NONE);
}

static void test_ways(void **state) {
        const struct proc *proc = *state;
        struct connection_found found = { 0 };
        struct connection_hint hint = { 0 };

        add(proc, MONITOR, 1, SSHD);
        proc_add_socket(proc, MONITOR, 3, CLIENT);
        assert_int_equal(connection_find(proc->fd, MONITOR, &hint, CONNECTION_WAY_SOCKET, &found),
                         -ESRCH);
        assert_int_equal(connection_find(proc->fd, MONITOR, &hint, CONNECTION_WAY_TABLE, &found),
                         0);
        assert_int_equal(found.inode, CLIENT);
}

/* Many sockets that only the tables know: the list of inodes grows, and is searched sorted. */
static void test_many(void **state) {
        const struct proc *proc = *state;

        add(proc, MONITOR, 1, SSHD);
        for (int i = 0; i < 1000; i++)
                if (i != 500)
                        proc_add_socket(proc, MONITOR, 3 + i, (uint64_t)(7919 * (1000 - i)));
        proc_add_socket(proc, MONITOR, 503, CLIENT);
        assert_found(proc, NULL, CLIENT, MONITOR);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, proc_setup, proc_teardown)

int main(void) {
        static const struct CMUnitTest tests[] = {
                TEST(test_by_table),
                TEST(test_rhost),
                TEST(test_never),
                TEST(test_states),
                TEST(test_tables_missing_or_broken),
                TEST(test_not_sshd),
                TEST(test_ancestor),
                TEST(test_ancestor_is_not_sshd),
                TEST(test_ancestor_is_not_root),
                TEST(test_ancestor_is_younger),
                TEST(test_depth),
                TEST(test_circle),
                TEST(test_ways),
                TEST(test_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
