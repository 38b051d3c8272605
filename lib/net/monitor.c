/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finding the monitors of sshd that have given sockets open: one pass over /proc.
 *
 * Relies on: proc(5). The owner of /proc/<pid> is the effective uid (task_dump_owner()), "status"
 * has all four uids. 4294967295 in loginuid and sessionid means none (AUDIT_UID_UNSET,
 * AUDIT_SID_UNSET). A process without a login uid may set its own without privileges
 * (audit_set_loginuid_perm()), so nothing about a user's process is believed. namespaces(7): the
 * links of one namespace have one inode.
 * Does not: choose. A process that has several of the sockets open is skipped, like one with an
 * ambiguous connection at open; so is a socket that several processes have open.
 */

#include "net/monitor.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/number.h"
#include "net/holders.h"
#include "net/numbered.h"
#include "net/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MONITOR_TEXT_MAX 8192 /* /proc/<pid>/status has some 1,500 bytes */
#define MONITOR_UNSET UINT32_MAX

static const char *const monitor_namespaces[] = { "ns/net", "ns/pid", "ns/user" };

#define MONITOR_NAMESPACES (sizeof(monitor_namespaces) / sizeof(*monitor_namespaces))

/* One pass. */
struct monitor_pass {
        int proc_fd;
        struct stat own[MONITOR_NAMESPACES];
        const uint64_t *inodes; /* sorted */
        size_t n_inodes;
        struct monitor *monitors;
        size_t n;
};

/* The sockets of one process that are asked for. */
struct monitor_sockets {
        const struct monitor_pass *pass;
        uint64_t inode; /* 0: none yet */
        bool several;
};

static int monitor_compare(const void *a, const void *b) {
        const uint64_t *left = a, *right = b;

        return (*left > *right) - (*left < *right);
}

static void monitor_take(void *context, pid_t pid, uint64_t inode) {
        struct monitor_sockets *sockets = context;
        const struct monitor_pass *pass = sockets->pass;

        (void)pid;
        if (!bsearch(&inode, pass->inodes, pass->n_inodes, sizeof(inode), monitor_compare))
                return;
        sockets->several = sockets->several || (sockets->inode && sockets->inode != inode);
        sockets->inode = inode;
}

/* A file of a process with one number in it. False: it cannot be read. */
static bool monitor_number(const struct process *process, const char *name, uint32_t *ret_number) {
        _cleanup_(freep) char *text = NULL;
        uint64_t number;
        size_t size;

        if (file_read_at(process->directory_fd, name, MONITOR_TEXT_MAX, &text, &size) ||
            number_parse(text, strcspn(text, "\n"), 10, UINT32_MAX, &number) < 0)
                return false;
        *ret_number = (uint32_t)number;
        return true;
}

/* Whether a process is root's, whichever uid is asked for. */
static bool monitor_is_roots(const struct process *process) {
        static const char wanted[] = "\nUid:\t0\t0\t0\t0\n";
        _cleanup_(freep) char *text = NULL;
        size_t size;

        return !file_read_at(process->directory_fd, "status", MONITOR_TEXT_MAX, &text, &size) &&
               memmem(text, size, wanted, sizeof(wanted) - 1);
}

static bool monitor_is_here(const struct monitor_pass *pass, const struct process *process) {
        for (size_t i = 0; i < MONITOR_NAMESPACES; i++) {
                struct stat its;

                if (fstatat(process->directory_fd, monitor_namespaces[i], &its, 0) < 0 ||
                    its.st_ino != pass->own[i].st_ino || its.st_dev != pass->own[i].st_dev)
                        return false;
        }
        return true;
}

/* Whether a process is past authentication: pam_loginuid gave it another audit session than the
 * listener's, which may have one itself where an admin started it. */
static bool monitor_has_login(const struct monitor_pass *pass, const struct process *process,
                              struct monitor *monitor) {
        _cleanup_(process_closep) struct process parent = PROCESS_NULL;
        uint32_t before = MONITOR_UNSET;
        int r;

        if (!monitor_number(process, "loginuid", &monitor->loginuid) ||
            !monitor_number(process, "sessionid", &monitor->audit_session) ||
            monitor->loginuid == MONITOR_UNSET || monitor->audit_session == MONITOR_UNSET)
                return false;
        r = process_open_parent(pass->proc_fd, process, &parent);
        if (r == PROCESS_E_NONE)
                return true;
        return !r && monitor_number(&parent, "sessionid", &before) &&
               before != monitor->audit_session;
}

static void monitor_look(struct monitor_pass *pass, pid_t pid) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;
        struct monitor_sockets sockets = { .pass = pass };
        struct monitor monitor = { .pid = pid };

        if (process_open(pass->proc_fd, pid, &process) || !process.is_sshd ||
            !monitor_is_roots(&process) || !monitor_has_login(pass, &process, &monitor) ||
            !monitor_is_here(pass, &process) ||
            holders_of(process.directory_fd, pid, monitor_take, &sockets) < 0 || !sockets.inode ||
            sockets.several)
                return;
        monitor.inode = sockets.inode;
        monitor.started = process.stat.start;
        /* there are not more of them than sockets, but for what several hold */
        if (pass->n < MONITOR_MOST)
                pass->monitors[pass->n++] = monitor;
}

static int monitor_compare_inodes(const void *a, const void *b) {
        const struct monitor *left = a, *right = b;

        return (left->inode > right->inode) - (left->inode < right->inode);
}

/* Drop what several hold. */
static void monitor_settle(struct monitor_pass *pass) {
        size_t kept = 0;

        qsort(pass->monitors, pass->n, sizeof(*pass->monitors), monitor_compare_inodes);
        for (size_t i = 0, next; i < pass->n; i = next) {
                next = i + 1;
                while (next < pass->n && pass->monitors[next].inode == pass->monitors[i].inode)
                        next++;
                if (next == i + 1)
                        pass->monitors[kept++] = pass->monitors[i];
        }
        pass->n = kept;
}

static int monitor_walk(struct monitor_pass *pass) {
        _cleanup_(numbered_closep) struct numbered processes = NUMBERED_NULL;
        struct stat status;
        const char *name;
        int r, pid;

        r = numbered_open(pass->proc_fd, ".", &processes);
        while (!r && !(r = numbered_next(&processes, &pid, &name))) {
                /* most processes are ruled out by one call */
                if (!fstatat(numbered_fd(&processes), name, &status, 0) && !status.st_uid)
                        monitor_look(pass, pid);
        }
        return r == -ENOENT ? 0 : r;
}

/**
 * monitor_find() - find the monitors that hold sockets
 * @proc_fd:            an open /proc
 * @inodes:             the sockets
 * @n:                  how many, at most MONITOR_MOST
 * @ret_monitors:       the monitors, in the order of their sockets' inodes
 * @ret_n:              how many
 *
 * A monitor is: sshd by its executable; root's; in the user, process and network namespaces of the
 * one who asks; with a login uid, and another audit session than its parent's. Who may not trace
 * such a process finds none.
 *
 * Return: 0, or a negative errno.
 */
int monitor_find(int proc_fd, const uint64_t *inodes, size_t n,
                 struct monitor ret_monitors[static MONITOR_MOST], size_t *ret_n) {
        struct monitor_pass pass = { .proc_fd = proc_fd, .monitors = ret_monitors };
        _cleanup_(process_closep) struct process self = PROCESS_NULL;
        _cleanup_(freep) uint64_t *sorted = NULL;
        int r;

        if (n > MONITOR_MOST)
                return -E2BIG;
        sorted = malloc((n ? n : 1) * sizeof(*sorted));
        if (!sorted)
                return -ENOMEM;
        memcpy(sorted, inodes, n * sizeof(*sorted));
        qsort(sorted, n, sizeof(*sorted), monitor_compare);
        pass.inodes = sorted;
        pass.n_inodes = n;

        self.directory_fd = openat(proc_fd, "self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (size_t i = 0; i < MONITOR_NAMESPACES; i++)
                if (fstatat(self.directory_fd, monitor_namespaces[i], &pass.own[i], 0) < 0)
                        return -errno;
        r = monitor_walk(&pass);
        if (r < 0)
                return r;
        monitor_settle(&pass);
        *ret_n = pass.n;
        return 0;
}
