/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The audit: this host's connections, to whom they belong and what they moved.
 *
 *      r = audit_new(&options, &audit);
 *      r = audit_look(audit, &missing);
 *      for (size_t i = 0; i < audit_rows(audit, &rows); i++)
 *              ...
 *
 * With options.watch, the counters of each look are those since the previous look.
 */

#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "base/cleanup.h"
#include "base/traffic.h"
#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_UNKNOWN UINT32_MAX

/* 1 to 12 are the TCP states of netinet/tcp.h and the kernel's TCP_NEW_SYN_RECV. */
enum audit_state {
        AUDIT_STATE_UNKNOWN = 0,
        AUDIT_STATE_LISTEN = 10,
        AUDIT_STATE_UNCONNECTED = 32, /* a UDP socket without a remote end */
        AUDIT_STATE_FORWARDED,        /* neither end is this host */
        AUDIT_STATE_UNREPLIED,        /* conntrack's, of a flow that is not TCP */
        AUDIT_STATE_REPLIED,
        AUDIT_STATE_ASSURED,
        AUDIT_STATE_CONNTRACK, /* and above: conntrack's TCP state, TCP_CONNTRACK_... */
};

enum audit_flag {
        AUDIT_COUNTED = 1,      /* the counters are known */
        AUDIT_LOGIN = 2,        /* an SSH login's own connection */
        AUDIT_FLOW = 4,         /* has something of conntrack's; without AUDIT_SOCKET: only that */
        AUDIT_SOCKET = 8,       /* has a socket */
        AUDIT_UNCONNECTED = 16, /* without a remote end, listening ones too */
        AUDIT_OPENED = 32,      /* the local end opened it; else the remote one, with AUDIT_FLOW */
};

/* What was known of the owner; each AUDIT_UNKNOWN where it is not. */
struct audit_owner {
        uint32_t uid;
        uint32_t pid;
        uint32_t program;    /* audit_name() */
        uint32_t session;    /* likewise */
        uint32_t login_user; /* likewise: of a login's own connection, who logged in */
};

#define AUDIT_OWNER_UNKNOWN \
        { AUDIT_UNKNOWN, AUDIT_UNKNOWN, AUDIT_UNKNOWN, AUDIT_UNKNOWN, AUDIT_UNKNOWN }

/* One row. 112 bytes: a host may have 100,000s. */
struct audit_row {
        struct connection connection; /* AUDIT_UNCONNECTED: the remote end has the family alone */
        uint8_t protocol;
        uint8_t state;
        uint8_t flags;
        struct traffic traffic;
        uint64_t inode;
        struct audit_owner owner;
        uint32_t age; /* seconds */
};

struct audit_networks {
        const struct network *networks;
        size_t n;
};

/* Told now and then how far a look is. */
typedef void (*audit_progress)(void *context, const char *what, size_t n);

struct audit_options {
        int proc_fd;                   /* an open /proc; it stays the caller's */
        const char *state_dir;         /* likewise */
        struct audit_networks exclude; /* likewise; of the remote end */
        struct audit_networks only;    /* none: everything */
        bool watch;
        bool split; /* each flow of an unconnected socket is a row of its own */
        audit_progress progress;
        void *context;
};

/* What could not be looked at, each for itself. */
struct audit_missing {
        int conntrack_error;     /* an errno; EPERM: no CAP_NET_ADMIN */
        bool conntrack;          /* this kernel has none, or it is not loaded */
        bool conntrack_idle;     /* it has no entries, though there are connections */
        bool conntrack_changing; /* too much to be read as a whole */
        bool accounting;         /* is off */
        bool accounting_before;  /* was off when some of the connections began */
        bool timestamps;         /* are off, or were */
        uint64_t unreadable;     /* processes whose descriptors we may not read */
        int state_error;         /* an errno; there is a state folder, but it cannot be read */
        const char *damaged;     /* this of /proc/net is not as expected */
};

struct audit;

int audit_new(const struct audit_options *options, struct audit **ret_audit);
struct audit *audit_free(struct audit *audit);
CLEANUP_DEFINE(struct audit, audit_free)

int audit_look(struct audit *audit, struct audit_missing *ret_missing);
size_t audit_rows(const struct audit *audit, const struct audit_row **ret_rows);
const char *audit_name(const struct audit *audit, uint32_t name);
bool flows_shown(const struct audit *audit, const struct audit_row *row, bool listen);
uint16_t flows_port(const struct audit *audit, const struct audit_row *row);
const char *audit_state_name(uint8_t state);

#endif
