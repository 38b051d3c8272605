/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Asking a TCP socket itself: the quick way to a connection, at any number of sockets.
 */

#ifndef NET_TCPSOCKET_H
#define NET_TCPSOCKET_H

#include "net/address.h"
#include "net/multipath.h"
#include "net/tcpinfo.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tcpsocket {
        struct connection connection;
        bool is_reset;      /* it was connected and is no more: the remote end is not known */
        uint64_t cookie;    /* SO_COOKIE; 0: not known, or none that a record can hold */
        uint32_t interface; /* 1 + the index of the interface that it is bound to; 0: not known */
        enum multipath multipath;
        struct tcpinfo info; /* of a connection of MPTCP: of its first subflow while that lives,
                              * but CLOSE_WAIT if the peer has closed the connection */
};

enum {
        TCPSOCKET_E_OTHER = 1, /* not TCP over IP, or listening, or not connected */
};

/* What a descriptor is for. */
enum tcpsocket_role {
        TCPSOCKET_NOTHING, /* no socket of TCP, or one without a peer */
        TCPSOCKET_LISTENS,
        TCPSOCKET_CONNECTED,
};

int tcpsocket_open_holder(pid_t pid, int *ret_pidfd);
int tcpsocket_role(int pidfd, int fd, enum tcpsocket_role *ret_role);
int tcpsocket_ask(int pidfd, int fd, uint64_t inode, struct tcpsocket *ret_socket);

#endif
