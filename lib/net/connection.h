/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finding the client's connection of an sshd process.
 *
 * Owns: the walk over /proc/<pid>/fd (own process, then up through sshd ancestors), the choice of
 * the client's socket among several.
 * Relies on: docs/facts.md, "sshd and PAM": the monitor itself has the socket open; in other
 * set-ups an ancestor has it open.
 * Does not: keep any descriptor; follow a process that is not sshd.
 */

#ifndef NET_CONNECTION_H
#define NET_CONNECTION_H

#include "net/address.h"
#include "net/multipath.h"
#include "net/tcpinfo.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What PAM knows about the client; every part may be missing. All of it is hostile text. */
struct connection_hint {
        bool has_connection; /* SSH_CONNECTION named both ends */
        struct connection connection;
        bool is_not_ip; /* SSH_CONNECTION says UNKNOWN, and PAM_RHOST nothing else */
        bool has_rhost; /* PAM_RHOST is an address */
        struct address rhost;
};

enum connection_way {
        CONNECTION_WAY_ANY = 0,    /* ask the socket, and the tables where that is not possible */
        CONNECTION_WAY_SOCKET = 1, /* only (a): getsockname, getpeername, pidfd_getfd */
        CONNECTION_WAY_TABLE = 2,  /* only (b): /proc/<pid>/net/tcp and tcp6 */
};

struct connection_found {
        struct connection connection;
        uint64_t inode;
        uint64_t cookie;    /* SO_COOKIE of socket(7); 0: not known, or of MPTCP */
        uint32_t interface; /* 1 + the index of the interface that it is bound to; 0: not known */
        enum multipath multipath;
        pid_t holder;        /* the process whose fd it is */
        struct tcpinfo info; /* not known when it was found by table */
};

/*
 * A connection that the client closed (CLOSE_WAIT) is found in both ways. One that was reset
 * (state TCP_CLOSE) is in no table, and its socket knows its local end only: it is found where
 * SSH_CONNECTION is known.
 */

enum {
        CONNECTION_E_NOT_SSHD = 1, /* the process itself is not sshd */
        CONNECTION_E_NONE,         /* no established TCP socket, or none that fits the hint */
        CONNECTION_E_AMBIGUOUS,    /* several, and the hint does not decide */
        CONNECTION_E_NOT_TCP,      /* the hint says that the client does not come over IP */
};

void connection_hint_parse(const char *ssh_connection, const char *rhost,
                           struct connection_hint *ret_hint);
int connection_find(int proc_fd, pid_t pid, const struct connection_hint *hint,
                    enum connection_way way, struct connection_found *ret_found);

#endif
