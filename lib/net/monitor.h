/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The monitors of sshd: the processes of root, one for each login, that hold a client's connection
 * and are past authentication.
 *
 * Owns: what makes a process one of them. Nothing that a user runs is: its name may be sshd, it may
 * be root in a user namespace of its own, and hold a connection to the very port of sshd.
 * Relies on: /proc as root sees it who may trace any process (CAP_SYS_PTRACE): the links below
 * /proc/<pid>/fd and /proc/<pid>/ns. pam_loginuid(8): it gives a login that is past authentication
 * a login uid, and so an audit session of its own.
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
