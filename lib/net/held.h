/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A socket that another process holds, asked for its last word.
 *
 * Owns: finding its descriptor there. Relies on: CAP_SYS_PTRACE, as PTRACE_MODE_ATTACH_REALCREDS
 * is asked for (pidfd_getfd(2), Linux 5.6). A socket of which netlink knows nothing any more, since
 * the connection was reset, still has its TCP_INFO, which is final.
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
