/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Running a command with a watch on it.
 *
 * Owns: being small. ru_maxrss of a process begins with what it was before execve() (exec_mmap() in
 * fs/exec.c), so that a large parent would be seen in it.
 */

#include "load.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/**
 * timed_run() - run a command, and print what it took
 * @limit:      seconds after which it is ended
 * @command:    the command
 *
 * Prints nanoseconds, microseconds on a processor, KiB of memory, and the status of wait(2).
 *
 * Return: 0, also if the command failed.
 */
int timed_run(uint64_t limit, char **command) {
        const struct timespec patience = { .tv_sec = (time_t)limit };
        uint64_t began = load_now();
        struct rusage usage;
        sigset_t set, old;
        int status;
        pid_t pid;

        (void)sigemptyset(&set);
        (void)sigaddset(&set, SIGCHLD);
        (void)sigprocmask(SIG_BLOCK, &set, &old);
        pid = fork();
        if (pid < 0)
                load_fail("fork");
        if (!pid) {
                (void)sigprocmask(SIG_SETMASK, &old, NULL);
                (void)execvp(command[0], command);
                load_fail("%s", command[0]);
        }
        if (sigtimedwait(&set, NULL, &patience) < 0)
                (void)kill(pid, SIGKILL);
        if (wait4(pid, &status, 0, &usage) < 0)
                load_fail("wait4");
        (void)printf("timed %" PRIu64 " %" PRIu64 " %ld %d\n", load_now() - began,
                     (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                             (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
                     usage.ru_maxrss, status);
        return 0;
}
