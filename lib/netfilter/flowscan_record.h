/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What flowscan.c and its programs in the kernel (flowscan.bpf.c) share: one block of memory, which
 * both see (a map of BPF).
 *
 * Both are of one build and one host: it is as the compiler lays it out, and whoever includes this
 * has defined the types of linux/types.h.
 */

#ifndef PAM_TRAFFIC_NETFILTER_FLOWSCAN_RECORD_H
#define PAM_TRAFFIC_NETFILTER_FLOWSCAN_RECORD_H

/* A run stops behind the bucket in which it has so many; one bucket has room for as many again. */
#define FLOWSCAN_FULL 2048

/* Steps of a run: a node, or the end of a bucket. A few milliseconds: nobody else is on that
 * processor meanwhile. */
#define FLOWSCAN_STEPS 8192

/* Heads of buckets that are read at once; conntrack's table is a multiple of a page of them. */
#define FLOWSCAN_HEADS 64

struct flowscan_way {
        __u8 source[16]; /* in network order, the first 4 used for IPv4 */
        __u8 destination[16];
        __u64 bytes;
        __u64 packets;
        __u16 source_port; /* in host order */
        __u16 destination_port;
        __u32 unused;
};

enum {
        FLOWSCAN_COUNTED = 1,
        FLOWSCAN_REPLIED = 2,
        FLOWSCAN_ASSURED = 4,
        FLOWSCAN_TCP_STATE = 8,
};

struct flowscan_record {
        struct flowscan_way original;
        struct flowscan_way reply;
        __u64 started;
        __u32 id;
        __u16 family;
        __u8 protocol;
        __u8 tcp_state;
        __u8 flags;
};

enum {
        FLOWSCAN_FINE = 0,
        FLOWSCAN_FAULT,   /* memory that is not there (any more) */
        FLOWSCAN_MOVED,   /* a bucket that does not end in itself */
        FLOWSCAN_CROWDED, /* a bucket larger than there is room for */
};

/* The whole of what is kept between the runs; scratch memory, too, as a program's stack is small.
 */
struct flowscan_shared {
        /* a connection that is known: where does the kernel have it? */
        __u32 known_words[8]; /* IPv4: source, destination; IPv6: of four each */
        __u16 known_ports[2]; /* both in network order */
        __u16 known_family;
        __u8 known_protocol;
        __u8 found;
        /* the table */
        __u64 table;
        __u64 net;
        __u32 n_buckets;
        /* where the walk is: between two buckets when no program runs */
        __u32 bucket;
        __u64 node;
        __u32 first; /* of the bucket's records */
        __u32 n;
        __u32 retries;
        __u32 error; /* FLOWSCAN_... */
        __u64 barrier;
        /* copies of what the kernel has */
        __u64 heads[FLOWSCAN_HEADS];
        __u64 fetched[FLOWSCAN_HEADS];
        __u64 beside[FLOWSCAN_HEADS];
        __u8 wanted[FLOWSCAN_HEADS];
        struct flowscan_record records[2 * FLOWSCAN_FULL];
};

#endif
