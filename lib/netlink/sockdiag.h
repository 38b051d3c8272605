/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One TCP socket, which the kernel's socket diagnosis finds by its four-tuple.
 *
 * Owns: the netlink socket to the kernel's socket diagnosis.
 * Relies on: sock_diag(7) and libmnl; so it must not be linked into the module. A question costs
 * the same with any number of sockets, because the kernel looks the tuple up in its hash table. In
 * a walk the kernel looks at each socket, and reports those of one port.
 */

#ifndef NETLINK_SOCKDIAG_H
#define NETLINK_SOCKDIAG_H

#include "base/cleanup.h"
#include "net/address.h"
#include "net/tcpinfo.h"

#include <stdbool.h>
#include <stdint.h>

struct sockdiag;

struct sockdiag_socket {
        uint64_t inode;  /* 0: no process has it any more; the kernel still ends the connection */
        uint64_t cookie; /* as SO_COOKIE has it; no other socket ever has the same */
        uint8_t state;   /* TCP_ESTABLISHED ... of netinet/tcp.h */
        bool multipath;  /* it is a subflow of MPTCP */
        struct tcpinfo info;
};

/* One of many, as a walk tells it. */
struct sockdiag_entry {
        struct connection connection; /* as the socket has it */
        uint64_t inode;               /* 0: no process has it any more, or not yet */
        uint64_t cookie;
        uint32_t interface; /* index of the one that it is bound to; 0: to none */
        uint32_t uid;       /* its owner */
        bool multipath; /* it is a subflow of MPTCP: its inode is that of the whole connection */
};

typedef int (*sockdiag_take)(void *context, const struct sockdiag_entry *entry);

enum {
        SOCKDIAG_E_NOT_FOUND = 1, /* no socket with that tuple */
        SOCKDIAG_E_UNAVAILABLE,   /* this kernel has no socket diagnosis for TCP */
};

int sockdiag_new(struct sockdiag **ret_sockdiag);
struct sockdiag *sockdiag_free(struct sockdiag *sockdiag);
CLEANUP_DEFINE(struct sockdiag, sockdiag_free)

int sockdiag_listeners(struct sockdiag *sockdiag, uint16_t port, sockdiag_take take, void *context);
int sockdiag_get(struct sockdiag *sockdiag, const struct connection *connection, int64_t interface,
                 struct sockdiag_socket *ret_socket);
int sockdiag_walk(struct sockdiag *sockdiag, uint16_t port, sockdiag_take take, void *context);

#endif
