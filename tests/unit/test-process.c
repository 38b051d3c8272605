/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Processes: the text of /proc/<pid>/stat, and what makes one sshd.
 */

#include "net/process.h"
#include "proc.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Captured; %s is comm. */
#define STAT                                                                                      \
        "4242 (%s) S 17 4242 4242 0 -1 4194624 1290 0 9 0 1 2 0 0 20 0 1 0 987654 18051072 2304 " \
        "18446744073709551615 1 1 0 0 0 0 0 4096 81925 0 0 0 17 3 0 0 0 0 0 0 0 0 0 0 0 0 0\n"

static void test_stat(void **state) {
        static const char *const comms[] = {
                "sshd",   "sshd-session",
                "",       " ",
                "a b",    "a) S 1 (b",
                "))((",   ") S 1 1 1\n9 (x",
                "\xff\n", "kworker/u256:16-events_unbound-and-more-of-such-a-name-up-to-64",
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(comms); i++) {
                struct process_stat stat;
                char text[512];
                int n = snprintf(text, sizeof(text), STAT, comms[i]);

                assert_int_equal(process_stat_parse(text, (size_t)n, &stat), 0);
                assert_string_equal(stat.comm, comms[i]);
                assert_int_equal(stat.parent, 17);
                assert_int_equal(stat.start, 987654);
        }
}

static void test_stat_refuses(void **state) {
        static const char *const cases[] = {
                "",
                "\n",
                "4242",
                "4242 (sshd",
                "4242 sshd) S 17",
                "4242 )sshd( S 17",
                "4242 (sshd)",
                "4242 (sshd) S",
                "4242 (sshd) S 17\n",
                "4242 (sshd)S 17 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 987654 8\n",
                "4242 (sshd) S -1 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 987654 8\n",
                "4242 (sshd) S 2147483648 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 7 8\n",
                "4242 (sshd) S 17 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 -7 8\n",
                "4242 (sshd) S 17 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 7x 8\n",
                "4242 (sshd) S 17 5  7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 987654 8\n",
                "4242 (sshd) S 17 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 987",
                ("4242 (a name that is longer than any that the kernel itself has for a thread) "
                 "S 17 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 987654 8\n"),
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct process_stat stat = { .parent = 77 };

                assert_int_equal(process_stat_parse(cases[i], strlen(cases[i]), &stat), -EINVAL);
                assert_int_equal(stat.parent, 77);
        }
}

static void make(const struct proc *proc, int pid, int parent, unsigned int start, const char *comm,
                 const char *exe) {
        proc_add(proc, &(struct proc_process){ pid, parent, start, comm, exe, geteuid() });
}

static void test_is_sshd(void **state) {
        static const struct {
                const char *comm;
                const char *exe;
                bool expected;
        } cases[] = {
                { "sshd", "/usr/sbin/sshd", true },
                { "sshd-session", "/usr/lib/openssh/sshd-session", true },
                { "sshd-auth", "/usr/lib/openssh/sshd-auth", true },
                { "anything", "/usr/sbin/sshd", true },
                { "sshd", "/usr/sbin/sshd (deleted)", true },
                { "sshd", "/usr/sbin/sshd-session (deleted)", true },
                { "sshd", NULL, true },
                { "sshd-session", NULL, true },
                { "sshd", "/usr/bin/su", false },
                { "sshd", "/usr/bin/sudo (deleted)", false },
                { "sshd", "/usr/sbin/sshd/su", false },
                { "sshd", "/usr/sbin/sshd-keygen", false },
                { "sshd", "/usr/sbin/xsshd", false },
                { "sshd", "/usr/sbin/sshd (deleted) ", false },
                { "sshd", " (deleted)", false },
                { "su", NULL, false },
                { "sshd ", NULL, false },
                { "", NULL, false },
        };
        const struct proc *proc = *state;

        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                _cleanup_(process_closep) struct process process = PROCESS_NULL;
                int pid = 100 + (int)i;

                make(proc, pid, 1, 50, cases[i].comm, cases[i].exe);
                assert_int_equal(process_open(proc->fd, pid, &process), 0);
                assert_int_equal(process.is_sshd, cases[i].expected);
                assert_int_equal(process.pid, pid);
                assert_int_equal(process.uid, geteuid());
        }
}

static void test_open_refuses(void **state) {
        struct process process = PROCESS_NULL;
        const struct proc *proc = *state;
        char path[128];

        assert_int_equal(process_open(proc->fd, 100, &process), PROCESS_E_NONE);

        (void)snprintf(path, sizeof(path), "%s/101", proc->path);
        assert_int_equal(mkdir(path, 0755), 0);
        assert_int_equal(process_open(proc->fd, 101, &process), PROCESS_E_NONE);

        make(proc, 102, 1, 50, "sshd)\n(", NULL);
        (void)snprintf(path, sizeof(path), "%s/102/stat", proc->path);
        assert_int_equal(truncate(path, 20), 0);
        assert_int_equal(process_open(proc->fd, 102, &process), -EBADMSG);
        assert_int_equal(truncate(path, 5000), 0);
        assert_int_equal(process_open(proc->fd, 102, &process), -EBADMSG);
        assert_int_equal(process.directory_fd, -1);
}

static void test_parent(void **state) {
        _cleanup_(process_closep) struct process child = PROCESS_NULL;
        _cleanup_(process_closep) struct process parent = PROCESS_NULL;
        struct process none = PROCESS_NULL;
        const struct proc *proc = *state;

        make(proc, 200, 100, 50, "sshd", NULL);
        make(proc, 100, 0, 50, "sshd", NULL);
        assert_int_equal(process_open(proc->fd, 200, &child), 0);
        assert_int_equal(process_open_parent(proc->fd, &child, &parent), 0);
        assert_int_equal(parent.pid, 100);
        assert_int_equal(process_open_parent(proc->fd, &parent, &none), PROCESS_E_NONE);
}

/* The number of a parent that ended was given to a process that began later. */
static void test_parent_is_another(void **state) {
        _cleanup_(process_closep) struct process child = PROCESS_NULL;
        struct process none = PROCESS_NULL;
        const struct proc *proc = *state;

        make(proc, 200, 100, 50, "sshd", NULL);
        make(proc, 100, 1, 51, "sshd", NULL);
        assert_int_equal(process_open(proc->fd, 200, &child), 0);
        assert_int_equal(process_open_parent(proc->fd, &child, &none), PROCESS_E_NONE);
        assert_int_equal(none.directory_fd, -1);
}

/* The fixtures above are like the real thing. */
static void test_real(void **state) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;
        _cleanup_(process_closep) struct process parent = PROCESS_NULL;
        _cleanup_(fd_closep) int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        (void)state;
        assert_int_equal(process_open(proc_fd, getpid(), &process), 0);
        assert_int_equal(process.stat.parent, getppid());
        assert_int_equal(process.uid, geteuid());
        assert_true(process.stat.start > 0);
        assert_false(process.is_sshd);
        assert_int_equal(fcntl(process.directory_fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(process_open_parent(proc_fd, &process, &parent), 0);
        assert_int_equal(parent.pid, getppid());
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_stat),
                cmocka_unit_test(test_stat_refuses),
                cmocka_unit_test_setup_teardown(test_is_sshd, proc_setup, proc_teardown),
                cmocka_unit_test_setup_teardown(test_open_refuses, proc_setup, proc_teardown),
                cmocka_unit_test_setup_teardown(test_parent, proc_setup, proc_teardown),
                cmocka_unit_test_setup_teardown(test_parent_is_another, proc_setup, proc_teardown),
                cmocka_unit_test(test_real),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
