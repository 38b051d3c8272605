/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Starting the helper: every way in which it can fail, what it inherits, and that the process which
 * starts it (sshd) notices nothing. The helpers are shell scripts that this test writes.
 */

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "pam_module/launch.h"
#include "temporary.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define REQUEST "a request\0with a NUL"
#define LONG (150 * CLOCK_SECOND)

static volatile sig_atomic_t children;

static void child(int number) {
        (void)number;
        children++;
}

static unsigned int count_fds(void) {
        DIR *folder = opendir("/proc/self/fd");
        unsigned int n = 0;

        assert_non_null(folder);
        while (readdir(folder))
                n++;
        (void)closedir(folder);
        return n;
}

static void script(void **state, const char *text) {
        char whole[1024];

        (void)snprintf(whole, sizeof(whole), "#!/bin/sh\n%s\n", text);
        temporary_write(state, "helper", whole);
        assert_int_equal(chmod(temporary_path(state, "helper"), 0700), 0);
}

/* How this process is before something is started. */
struct own {
        unsigned int fds;
        sigset_t mask;
};

static void own_note(struct own *own) {
        struct sigaction action = { .sa_handler = child };

        memset(own, 0, sizeof(*own)); /* the kernel fills only its own part */
        own->fds = count_fds();
        children = 0;
        assert_int_equal(sigaction(SIGCHLD, &action, NULL), 0);
        assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &own->mask), 0);
}

/* It is as it was. */
static void own_same(const struct own *own) {
        struct sigaction action;
        sigset_t mask;

        memset(&mask, 0, sizeof(mask));
        assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
        assert_memory_equal(&own->mask, &mask, sizeof(mask));
        assert_int_equal(sigaction(SIGCHLD, NULL, &action), 0);
        assert_ptr_equal(action.sa_handler, child);
        assert_int_equal(children, 0); /* no SIGCHLD */
        assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
        assert_int_equal(errno, ECHILD); /* no child, no zombie */
        assert_int_equal(count_fds(), own->fds);
}

/* Run "open" with the script that stands there, and check that this process is as it was. */
static int open_with(void **state, uint64_t patience, bool full, int *ret_errno) {
        struct launch_program program = { NULL, "/etc/conf" };
        struct own own;
        char path[512];
        int r;

        (void)strcpy(path, temporary_path(state, "helper"));
        program.path = path;
        own_note(&own);
        r = launch_open(&program, REQUEST, sizeof(REQUEST), clock_now(CLOCK_MONOTONIC) + patience,
                        full, ret_errno);
        own_same(&own);
        return r;
}

static void test_answers(void **state) {
        static const struct {
                const char *script;
                bool full;
                int result;
        } cases[] = {
                { "echo pam_traffic 1 recorded", false, 0 },
                { "echo pam_traffic 1 counting", false, 0 },
                { "echo pam_traffic 1 recorded; echo pam_traffic 1 counting", true, 0 },
                { "echo pam_traffic 1 recorded; sleep 0.1; echo pam_traffic 1 counting", true, 0 },
                { "printf 'pam_traffic 1 rec'; sleep 0.1; echo orded", false, 0 },
                { "echo pam_traffic 1 recorded", true, LAUNCH_E_ENDED },
                { "echo pam_traffic 1 failed", false, LAUNCH_E_FAILED },
                { "echo pam_traffic 1 recorded; echo pam_traffic 1 failed", true, LAUNCH_E_FAILED },
                { "echo hello", false, LAUNCH_E_GARBAGE },
                { "head -c 100000 /dev/zero", false, LAUNCH_E_GARBAGE },
                { "echo pam_traffic 1 recorded; echo hello", true, LAUNCH_E_GARBAGE },
                { "exit 0", false, LAUNCH_E_ENDED },
                { "exit 1", false, LAUNCH_E_ENDED },
                { "kill -9 $$", false, LAUNCH_E_ENDED },
                { "kill -SEGV $$", false, LAUNCH_E_ENDED },
        };

        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                int error = 0;

                script(state, cases[i].script);
                assert_int_equal(open_with(state, LONG, cases[i].full, &error), cases[i].result);
        }
}

static void test_cannot_run(void **state) {
        int error = 0;

        assert_int_equal(open_with(state, LONG, false, &error), LAUNCH_E_EXEC);
        assert_int_equal(error, ENOENT);

        temporary_write(state, "helper", "#!/bin/sh\n");
        assert_int_equal(chmod(temporary_path(state, "helper"), 0600), 0);
        assert_int_equal(open_with(state, LONG, false, &error), LAUNCH_E_EXEC);
        assert_int_equal(error, EACCES);

        temporary_write(state, "helper", "no program");
        assert_int_equal(chmod(temporary_path(state, "helper"), 0700), 0);
        assert_int_equal(open_with(state, LONG, false, &error), LAUNCH_E_EXEC);
        assert_int_equal(error, ENOEXEC);
}

/* A helper that does @text when it is told to go on, and nothing before. Return: what tells it. */
static int held(void **state, const char *before, const char *after) {
        char text[2048], gate[512], done[512];
        int fd;

        (void)strcpy(gate, temporary_path(state, "gate"));
        (void)strcpy(done, temporary_path(state, "done"));
        assert_int_equal(mkfifo(gate, 0600), 0);
        fd = open(gate, O_RDWR | O_CLOEXEC); /* so neither end waits for the other */
        assert_true(fd >= 0);
        (void)snprintf(text, sizeof(text), "%s\nread -r go <%s\n%s\n: >%s", before, gate, after,
                       done);
        script(state, text);
        return fd;
}

/* Tell it, and wait until it has done all. */
static void go_on(void **state, int fd) {
        uint64_t end = clock_now(CLOCK_MONOTONIC) + LONG;

        assert_int_equal(access(temporary_path(state, "done"), F_OK), -1);
        assert_int_equal(write(fd, "\n", 1), 1);
        while (access(temporary_path(state, "done"), F_OK) < 0 && clock_now(CLOCK_MONOTONIC) < end)
                clock_sleep(10000);
        assert_int_equal(access(temporary_path(state, "done"), F_OK), 0);
        (void)close(fd);
}

/* The helper is given up while it does nothing, and lives on. */
static void test_timeout(void **state) {
        int error = 0, fd = held(state, "trap '' PIPE", "echo pam_traffic 1 recorded");

        assert_int_equal(open_with(state, CLOCK_SECOND / 5, false, &error), LAUNCH_E_TIMEOUT);
        go_on(state, fd);
}

/* What the helper sees: its arguments, the request, nothing of ours. */
static void test_inherits(void **state) {
        _cleanup_(freep) char *data = NULL;
        sigset_t blocked;
        char text[1024];
        int error = 0, fd;
        size_t size;

        fd = open("/dev/null", O_RDONLY); /* NOLINT: without CLOEXEC, on purpose */
        assert_true(fd >= 0);
        assert_int_equal(setenv("PAM_TRAFFIC_TEST", "leak", 1), 0);
        (void)signal(SIGPIPE, SIG_IGN);
        (void)sigemptyset(&blocked);
        (void)sigaddset(&blocked, SIGUSR1);
        assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);

        (void)snprintf(text, sizeof(text),
                       "exec 9>%s/out\n"
                       "echo \"$# $1 $2 $3\" >&9\n"
                       "cat >%s/in\n"
                       "/usr/bin/env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= >&9\n"
                       "n=0; while [ $n -lt 64 ]; do [ -e /proc/self/fd/$n ] && [ $n -ne 9 ] && "
                       "[ $n -ne 10 ] && printf '%%d ' $n >&9; n=$((n + 1)); done\n"
                       "readlink /proc/$$/fd/2 >&9\n"
                       "pwd >&9; umask >&9\n"
                       "while read -r l; do case $l in SigBlk*|SigIgn*) echo \"$l\" >&9;; esac; "
                       "done </proc/self/status\n"
                       "cut -d' ' -f6 /proc/$$/stat | grep -c -x %d >&9\n"
                       "echo pam_traffic 1 recorded",
                       (const char *)*state, (const char *)*state, (int)getsid(0));
        script(state, text);
        assert_int_equal(open_with(state, LONG, false, &error), 0);
        (void)signal(SIGPIPE, SIG_DFL);
        assert_int_equal(sigprocmask(SIG_UNBLOCK, &blocked, NULL), 0);
        (void)close(fd);

        assert_int_equal(file_read_at(AT_FDCWD, temporary_path(state, "out"), 65536, &data, &size),
                         0);
        /* only builtins look at the shell: it blocks signals and has pipes while it starts others;
         * 9 is ours, 10 the script itself */
        assert_string_equal(data, "3 open --config /etc/conf\n"
                                  "0 1 2 /dev/null\n"
                                  "/\n0077\n"
                                  "SigBlk:\t0000000000000000\n"
                                  "SigIgn:\t0000000000000000\n"
                                  "0\n");
        free(data);
        data = NULL;
        assert_int_equal(file_read_at(AT_FDCWD, temporary_path(state, "in"), 65536, &data, &size),
                         0);
        assert_int_equal(size, sizeof(REQUEST));
        assert_memory_equal(data, REQUEST, sizeof(REQUEST));
}

/* Nothing is left to start it with: an error, no crash, and this process as it was. */
static void test_no_fds(void **state) {
        struct rlimit old, none;
        struct launch_program program = { "/bin/true", NULL };
        int error = 0, r, r_close;

        (void)state;
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
        none = old;
        none.rlim_cur = 0;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        r = launch_open(&program, "x", 1, clock_now(CLOCK_MONOTONIC) + LONG, false, &error);
        r_close = launch_close(&program, "x", 1, clock_now(CLOCK_MONOTONIC) + LONG);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
        assert_int_equal(r, -EMFILE);
        assert_int_equal(r_close, -EMFILE);
}

/* Close returns at once, whatever the helper does, and the helper does run. */
static void test_close(void **state) {
        struct launch_program program = { NULL, NULL };
        int fd = held(state, "cat >/dev/null; echo ignored", "");
        char path[512];

        (void)strcpy(path, temporary_path(state, "helper"));
        program.path = path;
        assert_int_equal(launch_close(&program, REQUEST, sizeof(REQUEST), 0), 0);
        assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
        go_on(state, fd);
}

/* What doctor runs is heard to its end, standard error as well. */
static void test_check(void **state) {
        struct launch_program program = { NULL, "/etc/conf" };
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + LONG;
        char path[512], text[64];
        int error = 0, fd;

        script(state, "echo \"$*\"; echo it fails >&2; cat; exit 1");
        (void)strcpy(path, temporary_path(state, "helper"));
        program.path = path;
        assert_int_equal(launch_check(&program, -1, deadline, text, sizeof(text), &error),
                         LAUNCH_E_FAILED);
        assert_string_equal(text, "check --config /etc/conf\nit fails\n");
        assert_int_equal(launch_check(&program, -1, deadline, text, 6, &error), LAUNCH_E_FAILED);
        assert_string_equal(text, "check");
        script(state, "echo pam_traffic 1 recorded; exec echo pam_traffic 1 counting");
        assert_int_equal(launch_check(&program, -1, deadline, text, sizeof(text), &error), 0);

        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(launch_check(&program, -1, deadline, text, sizeof(text), &error),
                         LAUNCH_E_EXEC);
        assert_int_equal(error, EACCES);
        fd = held(state, "", "");
        assert_int_equal(launch_check(&program, -1, 0, text, sizeof(text), &error),
                         LAUNCH_E_TIMEOUT);
        go_on(state, fd);
}

/* A group of version 2, without a mount that others see. Return: its folder, or -1. */
static int group_make(char *name, size_t room) {
        int context, root, fd = -1;

        (void)snprintf(name, room, "pam_traffic-launch-%d", (int)getpid());
        context = (int)syscall(SYS_fsopen, "cgroup2", 1U);
        if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -1;
        root = (int)syscall(SYS_fsmount, context, 1U, 0U);
        (void)close(context);
        if (root >= 0 && !mkdirat(root, name, 0700))
                fd = openat(root, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
                fd = dup2(fd, root);
        return fd;
}

static void group_put(int group, const char *file, const char *text) {
        int fd = openat(group, file, O_WRONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        (void)close(fd);
}

/* In a frozen group nothing begins: this process goes on at the deadline, as it was, and nothing
 * comes of it when the group is thawed. */
static void test_frozen(void **state) {
        struct launch_program program = { NULL, NULL };
        uint64_t end = clock_now(CLOCK_MONOTONIC) + LONG;
        char path[512], name[64], up[80], text[600];
        int error = 0, group;
        struct own own;

        group = group_make(name, sizeof(name));
        if (group < 0)
                unit_skip("no control groups of version 2");
        (void)snprintf(text, sizeof(text), ": >%s", temporary_path(state, "ran"));
        script(state, text);
        (void)strcpy(path, temporary_path(state, "helper"));
        program.path = path;

        group_put(group, "cgroup.freeze", "1");
        own_note(&own);
        assert_int_equal(launch_check(&program, group, 0, text, sizeof(text), &error),
                         LAUNCH_E_HELD);
        own_same(&own);
        group_put(group, "cgroup.freeze", "0");
        (void)snprintf(up, sizeof(up), "../%s", name);
        while (unlinkat(group, up, AT_REMOVEDIR) < 0 && clock_now(CLOCK_MONOTONIC) < end)
                clock_sleep(10000);
        assert_int_equal(faccessat(group, up, F_OK, 0), -1); /* nobody is in it */
        assert_int_equal(access(temporary_path(state, "ran"), F_OK), -1);
        (void)close(group);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_answers), TEST(test_cannot_run), TEST(test_timeout), TEST(test_inherits),
                TEST(test_no_fds),  TEST(test_close),      TEST(test_check),   TEST(test_frozen),
        };

        return cmocka_run_group_tests_name("launch", tests, NULL, NULL);
}
