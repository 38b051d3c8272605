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

#endif
