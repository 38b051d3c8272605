/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Connections of MPTCP (RFC 8684): one socket, and several subflows, each of which is a TCP
 * connection of its own.
 *
 * Owns: what tells whether a connection has more than its first subflow. The first subflow has the
 * socket's own addresses and ports (getpeername(2)), and it alone is counted.
 * Relies on: linux/mptcp.h; net/mptcp/sockopt.c: TCP_INFO of such a socket is that of its first
 * subflow; net/mptcp/mib.c. A connection that falls back to TCP before it is accepted has a TCP
 * socket (mptcp_stream_accept()).
 */

#ifndef NET_MULTIPATH_H
#define NET_MULTIPATH_H

#include <stddef.h>
#include <stdint.h>

/* The numbers stand in requests and state files. */
enum multipath {
        MULTIPATH_NONE = 0,   /* TCP */
        MULTIPATH_ALONE = 1,  /* one subflow, and all data was in it */
        MULTIPATH_UNSURE = 2, /* one subflow now; whether others had data, nobody knows */
        MULTIPATH_OTHERS = 3, /* there are or were others, or this kernel does not tell */
};

enum {
        MULTIPATH_E_NO_COUNTER = 1, /* this kernel does not count subflows */
};

enum multipath multipath_judge(const void *whole, size_t whole_size, const void *first,
                               size_t first_size);
enum multipath multipath_ask(int fd);

int multipath_joins_parse(const char *text, size_t size, uint64_t *ret_joins);
int multipath_joins(int proc_fd, uint64_t *ret_joins);

#endif
