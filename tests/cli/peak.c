/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * peak COMMAND... - run a command and print, as the last line of standard error, the most memory
 * that it had, in KiB.
 *
 * Relies on: getrusage(2); what a process had before it executes counts too, so this one is small.
 */

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
        struct rusage usage;
        int status = 0;
        pid_t pid;

        if (argc < 2)
                return 2;
        pid = fork();
        if (!pid) {
                (void)execv(argv[1], argv + 1);
                _exit(127);
        }
        if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
                return 1;
        (void)fprintf(stderr, "%ld\n", usage.ru_maxrss);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
