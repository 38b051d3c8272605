/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the programs in the kernel (sockiter.bpf.c) write, and sockiter.c reads.
 *
 * Both are of one build and one host: the records are as the compiler lays them out, and whoever
 * includes this has defined the types of linux/types.h.
 */

#ifndef PAM_TRAFFIC_NET_SOCKITER_RECORD_H
#define PAM_TRAFFIC_NET_SOCKITER_RECORD_H

/* A socket, as a row of /proc/net has it. */
struct sockiter_socket {
        __u8 local[16]; /* in network order, the first 4 used for IPv4 */
        __u8 remote[16];
        __u64 inode;
        __u32 uid;
        __u16 local_port; /* in host order */
        __u16 remote_port;
        __u16 family;
        __u8 protocol;
        __u8 state;
        __u32 unused; /* bytes that are not written would be the kernel's */
};

/* A socket that a process has open. */
struct sockiter_holder {
        __u64 inode;
        __u32 pid; /* in the reader's pid namespace */
        __u32 unused;
};

/* Descriptors that are looked at together: as many as a word of the kernel's has bits for. */
#define SOCKITER_TOGETHER 64

/* Steps of a run, so many descriptors each. A few milliseconds: nobody else is on that processor
 * meanwhile. */
#define SOCKITER_STEPS 512

/* With so many holders a run stops, behind the descriptors that are looked at together. */
#define SOCKITER_FULL 4096

/* What the walk through the descriptors and sockiter.c both see; scratch memory, too. */
struct sockiter_shared {
        struct sockiter_holder holders[2 * SOCKITER_FULL];
        __u32 n; /* holders; to be set to 0 before the walk goes on */
        /* where it goes on when there was no more room */
        __u32 pid;
        __u32 next;
        __u32 unused;
        __u64 barrier;
        /* the process's table of descriptors */
        __u64 files;
        __u64 open;
        __u64 words;
        /* copies of what the kernel has, and what is where they point */
        __u64 file[SOCKITER_TOGETHER];
        __u64 again[SOCKITER_TOGETHER];
        __u64 inode[SOCKITER_TOGETHER];
        __u64 number[SOCKITER_TOGETHER];
        __u64 super[SOCKITER_TOGETHER];
};

/* Steps of a run through the connected TCP sockets: a socket, or the end of a bucket. */
#define SOCKITER_CHAIN_STEPS 8192

/* Behind the bucket in which it has so many, a run stops; one bucket has room for as many again. */
#define SOCKITER_CONNECTED_FULL 2048

enum {
        SOCKITER_FINE = 0,
        SOCKITER_FAULT,   /* memory that is not there (any more) */
        SOCKITER_MOVED,   /* a bucket that does not end in itself */
        SOCKITER_CROWDED, /* a bucket larger than there is room for */
};

/* What the walk through the connected TCP sockets and sockiter.c both see. */
struct sockiter_connected {
        __u64 listened; /* all that listen were told */
        __u64 net;
        __u64 table;
        __u64 barrier;
        __u32 n_buckets; /* a power of 2; known after the first run */
        __u32 bucket;    /* the walk is between two buckets when no program runs */
        __u64 node;
        __u32 first; /* of the bucket's records */
        __u32 n;
        __u32 retries;
        __u32 error; /* SOCKITER_... */
        /* copies of what the kernel has, and what is where they point */
        __u64 heads[SOCKITER_TOGETHER];
        __u64 next[SOCKITER_TOGETHER];
        __u64 socket[SOCKITER_TOGETHER];
        __u64 fetched[SOCKITER_TOGETHER];
        struct sockiter_socket records[2 * SOCKITER_CONNECTED_FULL];
};

#endif
