/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Running another program within a deadline.
 *
 * Owns: what such a program gets: an empty environment, and none of our descriptors but, if it may
 * speak, standard error.
 */

#include "childrun.h"

#include "base/base.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#define CHILDRUN_NOT_RUN 127

/* Milliseconds of one poll(2), which takes an int. */
#define CHILDRUN_POLL_MAX 60000

static void childrun_exec(const char *program, const char *const *arguments, bool quiet) {
        char *environment[] = { NULL };
        sigset_t none;
        int fd;

        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);

        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || (quiet && dup2(fd, 2) < 0) ||
            close_range(3, ~0U, 0) < 0)
                _exit(CHILDRUN_NOT_RUN);
        (void)execve(program, (char *const *)(uintptr_t)arguments, environment);
        _exit(CHILDRUN_NOT_RUN);
}

/* Wait for a child to end, at most until the deadline. */
static int childrun_wait(pid_t pid, uint64_t deadline) {
        _cleanup_(fd_closep) int fd = -1;

        fd = pidfd_open(pid, 0);
        if (fd < 0)
                return -errno;

        for (;;) {
                struct pollfd child = { .fd = fd, .events = POLLIN };
                uint64_t now = clock_now(CLOCK_MONOTONIC);
                uint64_t rest = now < deadline ? (deadline - now) / 1000 + 1 : 0;
                int n = poll(&child, 1, rest < CHILDRUN_POLL_MAX ? (int)rest : CHILDRUN_POLL_MAX);

                if (n > 0)
                        return 0;
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (!rest)
                        return -ETIMEDOUT;
        }
}

/**
 * childrun_run() - run a program, and wait for its end
 * @program:    its absolute path
 * @arguments:  its arguments, the first one its name; NULL ends them
 * @quiet:      whether its standard error goes nowhere, too
 * @deadline:   the latest moment to wait for it, microseconds of CLOCK_MONOTONIC; then it is killed
 * @ret_status: as waitpid(2) has it; 127 is the exit status of one that could not be run
 *
 * Return: 0, or a negative errno: -ETIMEDOUT if it was killed.
 */
int childrun_run(const char *program, const char *const *arguments, bool quiet, uint64_t deadline,
                 int *ret_status) {
        pid_t pid = fork();
        int r;

        if (pid < 0)
                return -errno;
        if (!pid)
                childrun_exec(program, arguments, quiet);

        r = childrun_wait(pid, deadline);
        if (r < 0)
                (void)kill(pid, SIGKILL);
        while (waitpid(pid, ret_status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return r;
}
