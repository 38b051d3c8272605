/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Loading the kernel modules that accounting needs.
 *
 * Owns: one run of modprobe, which gets an empty environment and none of our descriptors.
 * Relies on: /proc/sys/kernel/modprobe names the program, "" if loading is switched off;
 * modprobe(8): -a takes several names, -q is silent about missing modules. The modules of nf_tables
 * are not among them, because the kernel loads those itself for a program that uses them
 * (nfnetlink_rcv_msg(), nft_expr_type_get()).
 */

#include "netfilter/modules.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#define MODULES_PATH "sys/kernel/modprobe"

/* KMOD_PATH_LEN of kernel/module/kmod.c */
#define MODULES_PATH_MAX 256

/* Milliseconds of one poll(2), which takes an int. */
#define MODULES_POLL_MAX 60000

static void modules_exec(const char *program) {
        static const char *const arguments[] = {
                "modprobe",         "-qa",
                "ip_tables",        "ip6_tables",
                "iptable_mangle",   "ip6table_mangle",
                "iptable_security", "ip6table_security",
                "nf_conntrack",     "nf_conntrack_netlink",
                "xt_conntrack",     NULL,
        };
        char *environment[] = { NULL };
        char *argv[sizeof(arguments) / sizeof(*arguments)];
        sigset_t none;
        int fd;

        memcpy(argv, arguments, sizeof(argv));
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);

        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 ||
            close_range(3, ~0U, 0) < 0)
                _exit(127);
        (void)execve(program, argv, environment);
        _exit(127);
}

/* Wait for a child to end, at most until the deadline. */
static int modules_wait(pid_t pid, uint64_t deadline) {
        _cleanup_(fd_closep) int fd = -1;

        fd = pidfd_open(pid, 0);
        if (fd < 0)
                return -errno;

        for (;;) {
                struct pollfd child = { .fd = fd, .events = POLLIN };
                uint64_t now = clock_now(CLOCK_MONOTONIC);
                uint64_t rest = now < deadline ? (deadline - now) / 1000 + 1 : 0;
                int n = poll(&child, 1, rest < MODULES_POLL_MAX ? (int)rest : MODULES_POLL_MAX);

                if (n > 0)
                        return 0;
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (!rest)
                        return -ETIMEDOUT;
        }
}

/**
 * modules_load() - have modprobe load ip_tables, nf_conntrack and what else is needed
 * @proc_fd:    an open /proc
 * @deadline:   the latest moment to wait for modprobe, microseconds of CLOCK_MONOTONIC
 *
 * Needs CAP_SYS_MODULE. What could not be loaded may be built in, or be there all the same: the
 * program's exit status says nothing, and neither does a failure of this. Only use tells.
 *
 * Return: 0 if modprobe ran to its end, MODULES_E_DISABLED, or a negative errno.
 */
int modules_load(int proc_fd, uint64_t deadline) {
        _cleanup_(freep) char *program = NULL;
        size_t size;
        pid_t pid;
        int r;

        r = file_read_at(proc_fd, MODULES_PATH, MODULES_PATH_MAX, &program, &size);
        if (r)
                return r == -ENOENT ? MODULES_E_DISABLED : r < 0 ? r : -ENAMETOOLONG;
        program[strcspn(program, "\n")] = '\0';
        if (*program != '/')
                return MODULES_E_DISABLED;

        pid = fork();
        if (pid < 0)
                return -errno;
        if (!pid)
                modules_exec(program);

        r = modules_wait(pid, deadline);
        if (r < 0)
                (void)kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return r;
}
