/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One login with a watch on it: a connection, a process, pam_open_session, pam_close_session.
 *
 * Owns: quiet. The helper of open has ended before the session is closed, and that of close before
 * the next login begins: each figure is that of a login, not of a queue.
 */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* What is known of one half of a login. */
struct onelogin_half {
        uint64_t began;
        uint64_t took;
        uint64_t done;      /* until the helper had ended */
        uint64_t processor; /* microseconds, of all processes */
        long memory;        /* the helper's, KiB */
};

static uint64_t onelogin_processor(const struct rusage *usage) {
        return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
               (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* What this process has used, and those that it has waited for. */
static uint64_t onelogin_used(void) {
        struct rusage self, children;

        (void)getrusage(RUSAGE_SELF, &self);
        (void)getrusage(RUSAGE_CHILDREN, &children);
        return onelogin_processor(&self) + onelogin_processor(&children);
}

static void onelogin_half_run(struct application *application,
                              uint64_t (*run)(struct application *application),
                              struct onelogin_half *half) {
        uint64_t used = onelogin_used();

        half->began = load_now();
        half->took = run(application);
        half->processor = onelogin_used() - used;
}

__attribute__((noreturn)) static void onelogin_run(const char *confdir, int fd, int report,
                                                   int go) {
        struct application application = { 0 };
        struct onelogin_half half = { 0 };
        char byte;

        application_begin(&application, confdir, fd);
        onelogin_half_run(&application, application_open, &half);
        application_serve(&application, true);
        if (write(report, &half, sizeof(half)) != sizeof(half) || read(go, &byte, 1) != 1)
                _exit(1);
        onelogin_half_run(&application, application_close, &half);
        if (write(report, &half, sizeof(half)) != sizeof(half))
                _exit(1);
        application_end(&application);
        _exit(0);
}

static void onelogin_read(int report, struct onelogin_half *half) {
        if (read(report, half, sizeof(*half)) == sizeof(*half))
                return;
        errno = ECHILD;
        load_fail("the login failed");
}

/* Wait until the login's processes have ended: its own, if known, and the helper. */
static void onelogin_wait(pid_t pid, bool has_helper, struct onelogin_half *half) {
        while (pid || has_helper) {
                struct rusage usage;
                int status;
                pid_t ended = manylogins_wait(&status, &usage);

                if (status) {
                        errno = ECHILD;
                        load_fail("a process of the login ended with status %d", status);
                }
                if (ended == pid) {
                        pid = 0;
                        continue;
                }
                half->memory = usage.ru_maxrss;
                half->processor += onelogin_processor(&usage);
                half->done = load_now() - half->began;
                has_helper = false;
        }
}

static void onelogin_print(const struct onelogin_half *half) {
        (void)printf(" %" PRIu64 " %" PRIu64 " %ld %" PRIu64, half->took, half->done, half->memory,
                     half->processor);
}

/**
 * onelogin_measure() - make a login, and print what it took
 * @sessions:   who connects, and listens
 * @confdir:    the folder with its stack
 * @has_helper: whether a helper is started at open and at close
 *
 * Prints for open, then for close: nanoseconds of the call; nanoseconds until the helper had ended,
 * its memory in KiB (0 without one); microseconds on a processor, of the call and what it started.
 */
void onelogin_measure(const struct manylogins *sessions, const char *confdir, bool has_helper) {
        struct onelogin_half open_half, close_half;
        int fd, report[2], go[2];
        pid_t pid;

        fd = manylogins_accept(sessions);
        if (pipe2(report, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
                load_fail("pipe2");
        pid = manylogins_fork(sessions);
        if (!pid) {
                (void)close(report[0]);
                (void)close(go[1]);
                onelogin_run(confdir, fd, report[1], go[0]);
        }
        (void)close(fd);
        (void)close(report[1]);
        (void)close(go[0]);

        onelogin_read(report[0], &open_half);
        onelogin_wait(0, has_helper, &open_half);
        if (write(go[1], "", 1) != 1)
                load_fail("write");
        onelogin_read(report[0], &close_half);
        onelogin_wait(pid, has_helper, &close_half);
        (void)close(report[0]);
        (void)close(go[1]);

        (void)printf("login");
        onelogin_print(&open_half);
        onelogin_print(&close_half);
        (void)printf("\n");
}
