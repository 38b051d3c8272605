/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All of conntrack's entries, one after the other.
 */

#ifndef NETFILTER_FLOW_H
#define NETFILTER_FLOW_H

#include "base/traffic.h"
#include "net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

/* One way of an entry, as conntrack has it: the packets come from source. */
struct flow_way {
        struct endpoint source;
        struct endpoint destination; /* both ports 0 for a protocol without */
        struct counter counter;
};

struct flow {
        struct flow_way original;
        struct flow_way reply; /* with what NAT made of the addresses */
        uint64_t started;      /* CLOCK_REALTIME in nanoseconds; 0: timestamps are off */
        uint32_t id;           /* as conntrack_entry's */
        uint8_t protocol;      /* IPPROTO_... */
        uint8_t tcp_state;     /* TCP_CONNTRACK_... */
        bool has_tcp_state;
        bool replied;      /* both ends have sent something */
        bool assured;      /* and go on, as conntrack sees it */
        bool has_counters; /* false: accounting was off when it began */
};

/* What an entry is asked for by. */
struct flow_key {
        struct connection connection;
        uint8_t protocol;
};

enum {
        FLOW_E_OTHER = 1,   /* the message is none about an entry */
        FLOW_E_INVALID,     /* it is one, but not as the kernel writes it */
        FLOW_E_UNAVAILABLE, /* no conntrack in this kernel, or not yet loaded */
        FLOW_E_MORE,        /* there are more entries than were asked for */
        FLOW_E_CHANGED,     /* the table was changed at large meanwhile: entries may be missing */
};

/* Told the entries, some at a time; what is not 0 ends the walk and is returned. */
typedef int (*flow_take)(void *context, const struct flow *flows, size_t n);

int flow_parse(const struct nlmsghdr *message, struct flow *ret_flow);

int flow_walk(int proc_fd, flow_take take, void *context);
int flow_few(int proc_fd, const struct flow_key *keys, uint32_t n, flow_take take, void *context);

#endif
