/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Who holds which socket, in a made-up /proc; and a socket table read in parts.
 */

#include "net/holders.h"
#include "net/sockfile.h"
#include "pam_traffic/cleanup.h"
#include "proc.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct found {
        size_t n;
        pid_t pid[8];
        uint64_t inode[8];
};

static void take(void *context, pid_t pid, uint64_t inode) {
        struct found *found = context;

        assert_in_range(found->n, 0, UNIT_COUNT(found->pid) - 1);
        found->pid[found->n] = pid;
        found->inode[found->n++] = inode;
}

static void test_walk(void **state) {
        static const struct proc_process processes[] = {
                { 7, 1, 5, "one", "/bin/one", 0 },
                { 8, 1, 5, "two", "/bin/two", 1000 },
                { 9, 1, 5, "none", "/bin/none", 1000 },
        };
        const struct proc *proc = *state;
        struct found found = { 0 };
        uint64_t unreadable = 5, pids = 0, inodes = 0;

        unit_needs_root();
        for (size_t i = 0; i < UNIT_COUNT(processes); i++)
                proc_add(proc, &processes[i]);
        proc_add_socket(proc, 7, 3, 100);
        proc_add_socket(proc, 7, 4, 101);
        proc_add_socket(proc, 8, 3, 100);
        proc_add_fd(proc, 8, 4, "/dev/null");
        proc_add_fd(proc, 8, 5, "pipe:[100]");
        proc_add_fd(proc, 8, 6, "/home/x/socket:[55]");
        assert_int_equal(holders_walk(proc->fd, take, &found, &unreadable), 0);
        assert_int_equal(found.n, 3);
        for (size_t i = 0; i < found.n; i++) {
                pids += (uint64_t)found.pid[i];
                inodes += found.inode[i];
        }
        assert_int_equal(pids, 7 + 7 + 8);
        assert_int_equal(inodes, 100 + 101 + 100);
        assert_int_equal(unreadable, 0);
        /* once more: the place in the folder is not the caller's */
        found.n = 0;
        assert_int_equal(holders_walk(proc->fd, take, &found, &unreadable), 0);
        assert_int_equal(found.n, 3);
}

static void test_links(void **state) {
        static const struct {
                const char *text;
                uint64_t inode;
        } links[] = {
                { "socket:[1]", 1 },
                { "socket:[18446744073709551615]", UINT64_MAX },
                { "socket:[18446744073709551616]", 0 },
                { "socket:[]", 0 },
                { "socket:[1", 0 },
                { "socket:[12", 0 },
                { "socket:[", 0 },
                { "socket:[1 ]", 0 },
                { "socket:[-1]", 0 },
                { "socket:[1] ", 0 },
                { "pipe:[1]", 0 },
                { "anon_inode:[eventpoll]", 0 },
                { "", 0 },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(links); i++) {
                uint64_t inode = 0;

                assert_int_equal(holders_link_parse(links[i].text, strlen(links[i].text), &inode),
                                 links[i].inode != 0);
                assert_true(inode == links[i].inode);
        }
}

struct rows {
        uint64_t n, sum;
        uint64_t end_at;
};

static int take_row(void *context, const struct socktable_row *row) {
        struct rows *rows = context;

        rows->n++;
        rows->sum += row->inode;
        return rows->n == rows->end_at ? -ECANCELED : 0;
}

/* Larger than a part, so that rows lie across its end; a line that is no row among them. */
static void test_parts(void **state) {
        const struct proc *proc = *state;
        const size_t n = 3000;
        _cleanup_(freep) char *text = malloc(n * 160 + 300);
        struct rows rows = { 0 };
        size_t used;

        unit_needs_root();
        assert_non_null(text);
        used = (size_t)sprintf(text, "  sl  local_address rem_address   st tx_queue rx_queue tr "
                                     "tm->when retrnsmt   uid  timeout inode\n");
        for (size_t i = 1; i <= n; i++) {
                used += (size_t)sprintf(text + used,
                                        "%4zu: 0100007F:1F90 0100007F:%04zX 01 00000000:00000000 "
                                        "00:00000000 00000000  1000        0 %zu\n",
                                        i, i, i);
                if (i == n / 2)
                        used += (size_t)sprintf(text + used, "nonsense\n");
        }
        proc_add(proc, &(struct proc_process){ 7, 1, 5, "one", "/bin/one", 0 });
        proc_write(proc, 7, "tcp", text);
        assert_int_equal(sockfile_walk(proc->fd, "7/tcp", take_row, &rows), 0);
        assert_int_equal(rows.n, n);
        assert_int_equal(rows.sum, n * (n + 1) / 2);
        rows = (struct rows){ .end_at = 5 };
        assert_int_equal(sockfile_walk(proc->fd, "7/tcp", take_row, &rows), -ECANCELED);
        assert_int_equal(rows.n, 5);
}

static void test_no_table(void **state) {
        const struct proc *proc = *state;
        struct rows rows = { 0 };

        unit_needs_root();
        proc_add(proc, &(struct proc_process){ 7, 1, 5, "one", "/bin/one", 0 });
        proc_write(proc, 7, "tcp", "something else\n");
        proc_write(proc, 7, "empty", "");
        assert_int_equal(sockfile_walk(proc->fd, "7/none", take_row, &rows), SOCKFILE_E_NONE);
        assert_int_equal(sockfile_walk(proc->fd, "7/tcp", take_row, &rows), SOCKFILE_E_HEADER);
        assert_int_equal(sockfile_walk(proc->fd, "7/empty", take_row, &rows), SOCKFILE_E_HEADER);
        assert_int_equal(rows.n, 0);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_walk, proc_setup, proc_teardown),
                cmocka_unit_test(test_links),
                cmocka_unit_test_setup_teardown(test_parts, proc_setup, proc_teardown),
                cmocka_unit_test_setup_teardown(test_no_table, proc_setup, proc_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
