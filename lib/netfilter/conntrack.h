/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One connection's entry in conntrack.
 *
 * Owns: the netlink socket to nf_conntrack, the lookup by the socket's tuple, the switch
 * net.netfilter.nf_conntrack_acct, and the size of the table.
 * Relies on: libnetfilter_conntrack and libmnl, which may call exit; so it must never be linked
 * into the module. Counters exist only if accounting was on when the connection began.
 */

#ifndef NETFILTER_CONNTRACK_H
#define NETFILTER_CONNTRACK_H

#include "base/cleanup.h"
#include "base/traffic.h"
#include "net/address.h"

#include <stdbool.h>
#include <stdint.h>

struct conntrack;

/* Who sent the FIN that began the connection's end. Not known before there is one, and not where
 * none ever came: a reset, a timeout. */
enum conntrack_closer {
        CONNTRACK_CLOSER_UNKNOWN,
        CONNTRACK_CLOSER_REMOTE, /* the one who connected to us, or whom we connected to */
        CONNTRACK_CLOSER_LOCAL,
};

struct conntrack_entry {
        /* CTA_ID: another number means another entry. The same number does not mean the same one:
         * nf_ct_get_id() makes it of the entry's address and tuple, and addresses are used again.
         */
        uint32_t id;
        uint8_t tcp_state; /* TCP_CONNTRACK_... of linux/netfilter/nf_conntrack_tcp.h */
        bool has_tcp_state;
        enum conntrack_closer closer;
        bool picked_up;    /* it began in the middle of a connection, and with no SYN */
        bool has_counters; /* false: accounting was off when the connection began */
        struct traffic traffic;
};

enum {
        CONNTRACK_E_NOT_FOUND = 1, /* no entry for the connection */
        CONNTRACK_E_UNAVAILABLE,   /* no conntrack in this kernel, or not yet loaded */
};

int conntrack_new(struct conntrack **ret_conntrack);
struct conntrack *conntrack_free(struct conntrack *conntrack);
CLEANUP_DEFINE(struct conntrack, conntrack_free)

int conntrack_get(struct conntrack *conntrack, const struct connection *connection,
                  struct conntrack_entry *ret_entry);
bool conntrack_entry_ended(const struct conntrack_entry *entry);
bool conntrack_entry_reset(const struct conntrack_entry *entry);

/* proc_fd is an open /proc. */
int conntrack_sysctl_accounting(int proc_fd, bool *ret_on);
int conntrack_sysctl_size(int proc_fd, uint32_t *ret_entries, uint32_t *ret_buckets);

#endif
