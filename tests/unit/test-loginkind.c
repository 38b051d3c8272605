/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a login is for: by the names of what sshd runs, and by their place below sshd.
 */

#include "net/loginkind.h"
#include "proc.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void test_text(void **state) {
        char text[LOGINKIND_TEXT_MAX];

        (void)state;
        for (unsigned int kinds = 0; kinds <= LOGINKIND_ALL; kinds++) {
                char again[LOGINKIND_TEXT_MAX];

                loginkind_format(kinds, text);
                loginkind_format(loginkind_parse(text), again);
                assert_string_equal(text, again);
        }
        loginkind_format(LOGINKIND_SHELL | LOGINKIND_COMMAND | LOGINKIND_FORWARD, text);
        assert_string_equal(text, "shell");
        loginkind_format(LOGINKIND_SFTP | LOGINKIND_SHELL, text);
        assert_string_equal(text, "shell+sftp");
        loginkind_format(LOGINKIND_FORWARD, text);
        assert_string_equal(text, "forward");
}

static void test_text_refuses(void **state) {
        static const char *const cases[] = {
                "",        "+",          "shell+",      "+shell",        "Shell",
                "shell ",  "sftp+shell", "shell+shell", "shell+command", "shell+forward",
                "shell+x", "shellsftp",  "forward+scp", "sh\xc3\xa4ll",
        };

        (void)state;
        assert_int_equal(loginkind_parse(NULL), 0);
        for (size_t i = 0; i < UNIT_COUNT(cases); i++)
                if (loginkind_parse(cases[i]))
                        fail_msg("'%s' is accepted", cases[i]);
}

/* The processes of a login: 100 opened it, 110 is its user's sshd. The time is 9000. */
struct world {
        struct offspring_child of[8];
        size_t n;
};

static struct process_stat *world_add(struct world *world, int pid, int parent, const char *comm) {
        struct offspring_child *child = &world->of[world->n++];

        /* in the order of their parents */
        while (child > world->of && child[-1].stat.parent > parent) {
                *child = child[-1];
                child--;
        }
        *child = (struct offspring_child){
                .pid = pid,
                .stat = { .parent = parent, .session = pid, .start = 8000 },
        };
        (void)strcpy(child->stat.comm, comm);
        return &child->stat;
}

static unsigned int world_look_at(struct world *world, bool root, bool settled) {
        const struct offspring offspring = { .of = world->of, .n = world->n };

        return loginkind_look(&offspring, 100, root, 9000, settled);
}

static unsigned int world_look(struct world *world, bool settled) {
        return world_look_at(world, false, settled);
}

static void test_look(void **state) {
        struct world world = { .n = 0 };

        (void)state;
        assert_int_equal(world_look(&world, true), 0);
        /* what a PAM module runs */
        world_add(&world, 105, 100, "pam_helper")->session = 99;
        assert_int_equal(world_look(&world, true), 0);
        /* pam_exec begins a session for it */
        world_add(&world, 106, 100, "script");
        world_add(&world, 107, 100, "sshd");
        assert_int_equal(world_look(&world, true), 0);
        world_add(&world, 110, 100, "sshd-session")->session = 99;
        assert_int_equal(world_look(&world, false), 0);
        assert_int_equal(world_look(&world, true), LOGINKIND_FORWARD);

        /* about to become a program */
        world_add(&world, 120, 110, "sshd-session")->start = 8950;
        assert_int_equal(world_look(&world, true), 0);
        world_add(&world, 121, 110, "bash")->terminal = true;
        assert_int_equal(world_look(&world, true), LOGINKIND_SHELL);
        /* what the shell runs is no more of it */
        world_add(&world, 122, 121, "scp");
        assert_int_equal(world_look(&world, false), LOGINKIND_SHELL);
        world_add(&world, 123, 110, "scp");
        assert_int_equal(world_look(&world, false), LOGINKIND_SHELL | LOGINKIND_SCP);
}

static void test_programs(void **state) {
        static const struct {
                const char *comm;
                unsigned int kind;
        } cases[] = {
                { "bash", LOGINKIND_COMMAND },     { "tar", LOGINKIND_COMMAND },
                { "sftp-server", LOGINKIND_SFTP }, { "scp", LOGINKIND_SCP },
                { "sshd", LOGINKIND_SFTP }, /* internal-sftp */
                { "", LOGINKIND_COMMAND },
        };

        (void)state;
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct world world = { .n = 0 }, roots = { .n = 0 };

                world_add(&world, 110, 100, "sshd")->session = 99;
                world_add(&world, 120, 110, cases[i].comm);
                assert_int_equal(world_look(&world, true), cases[i].kind);
                /* root has no sshd of his own */
                world_add(&roots, 120, 100, cases[i].comm);
                assert_int_equal(world_look_at(&roots, true, true), cases[i].kind);
        }
}

/* a shell that may become another program, or run several */
static void test_young(void **state) {
        struct world world = { .n = 0 };
        struct process_stat *shell;

        (void)state;
        world_add(&world, 110, 100, "sshd")->session = 99;
        shell = world_add(&world, 120, 110, "bash");
        shell->start = 8901;
        assert_int_equal(world_look(&world, true), 0);
        shell->start = 8900;
        assert_int_equal(world_look(&world, true), LOGINKIND_COMMAND);
        shell->start = 8999;
        shell->terminal = true;
        assert_int_equal(world_look(&world, true), LOGINKIND_SHELL);
        shell->terminal = false;
        (void)strcpy(shell->comm, "sftp-server");
        assert_int_equal(world_look(&world, true), LOGINKIND_SFTP);
}

/* a child that was over before anybody looked */
static void test_over(void **state) {
        struct world world = { .n = 0 };
        struct process_stat *users;

        (void)state;
        users = world_add(&world, 110, 100, "sshd");
        users->session = 99;
        users->child_faults = 700;
        assert_int_equal(world_look(&world, true), 0);
}

static void test_offspring(void **state) {
        const struct proc *proc = *state;
        struct proc_process process = { .comm = "x", .uid = geteuid() };
        struct offspring offspring = { 0 };
        const struct offspring_child *child;
        size_t n;

        for (int pid = 1; pid < 200; pid++) {
                process.pid = pid;
                process.parent = pid / 10;
                proc_add(proc, &process);
        }
        proc_write(proc, 57, "stat", "no stat");
        assert_int_equal(offspring_read(proc->fd, &offspring), 0);
        assert_int_equal(offspring.n, 198);
        child = offspring_of(&offspring, 5, &n);
        assert_int_equal(n, 9);
        for (size_t i = 0; i < n; i++)
                assert_int_equal(child[i].pid, 50 + i + (i >= 7));
        assert_null(offspring_of(&offspring, 20, &n));
        assert_int_equal(n, 0);
        assert_null(offspring_of(&offspring, -1, &n));
        offspring_clear(&offspring);

        /* a kernel without the list of children */
        assert_int_equal(offspring_read_of(proc->fd, 5, &offspring), 0);
        assert_int_equal(offspring.n, 198);
        offspring_clear(&offspring);
}

/* The real /proc: a child, and its child. */
static void test_offspring_of(void **state) {
        struct offspring offspring = { 0 };
        const struct offspring_child *child;
        int proc_fd, up[2];
        pid_t pid, grandchild;
        size_t n;

        (void)state;
        proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(proc_fd >= 0);
        assert_int_equal(pipe(up), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (!pid) {
                grandchild = fork();
                if (!grandchild || write(up[1], &grandchild, sizeof(grandchild)) < 0)
                        (void)pause();
                (void)pause();
        }
        assert_int_equal(read(up[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
        assert_int_equal(offspring_read_of(proc_fd, getpid(), &offspring), 0);
        child = offspring_of(&offspring, getpid(), &n);
        assert_int_equal(n, 1);
        assert_int_equal(child->pid, pid);
        child = offspring_of(&offspring, pid, &n);
        assert_int_equal(n, 1);
        assert_int_equal(child->pid, grandchild);
        offspring_clear(&offspring);
        (void)kill(grandchild, SIGKILL);
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
        (void)close(up[0]);
        (void)close(up[1]);
        (void)close(proc_fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_text),
                cmocka_unit_test(test_text_refuses),
                cmocka_unit_test(test_look),
                cmocka_unit_test(test_programs),
                cmocka_unit_test(test_young),
                cmocka_unit_test(test_over),
                cmocka_unit_test(test_offspring_of),
                cmocka_unit_test_setup_teardown(test_offspring, proc_setup, proc_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
