/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The monitors of sshd: processes of root, one for each login, that have a client's connection open
 * and are past authentication.
 *
 * Owns: what makes a process a monitor. No process that a user runs is one, even if its name is
 * sshd, if it is root in a user namespace of its own, and if it has a connection to sshd's own port
 * open.
 * Relies on: /proc as root with CAP_SYS_PTRACE sees it: the links below /proc/<pid>/fd and
 * /proc/<pid>/ns. pam_loginuid(8): it gives a login that is past authentication a login uid, and so
 * an audit session of its own.
 */

#ifndef NET_MONITOR_H
#define NET_MONITOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The most sockets that are asked for at once. */
#define MONITOR_MOST 2048

struct monitor {
        uint64_t inode;   /* of the client's socket */
        uint64_t started; /* clock ticks after boot, proc(5) */
        pid_t pid;
        uint32_t loginuid;
        uint32_t audit_session;
};

int monitor_find(int proc_fd, const uint64_t *inodes, size_t n,
                 struct monitor ret_monitors[static MONITOR_MOST], size_t *ret_n);

#endif
