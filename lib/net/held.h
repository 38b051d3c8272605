/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The TCP_INFO of a socket that another process has open.
 *
 * Owns: how the socket's descriptor in that process is found.
 * Relies on: CAP_SYS_PTRACE, because pidfd_getfd(2) (Linux 5.6) needs PTRACE_MODE_ATTACH_REALCREDS.
 * After a reset, netlink does not know the socket any more, but the socket still has its TCP_INFO,
 * which is final.
 */

#ifndef NET_HELD_H
#define NET_HELD_H

#include "net/tcpinfo.h"

#include <stdint.h>
#include <sys/types.h>

struct held {
        uint64_t cookie; /* as SO_COOKIE has it; 0: not known */
        struct tcpinfo info;
};

int held_ask(int proc_fd, pid_t pid, uint64_t inode, struct held *ret_held);

#endif
