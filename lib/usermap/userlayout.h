/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the kernel's part of the users' ledger and our programs share: the maps in bpffs.
 *
 * Owns: the names, keys and values of the maps, and how many rows there may be. ledger/count.bpf.c
 * writes the rows; a reap, and the commands that root runs, read them.
 * Relies on: nothing but the kernel's headers, because the BPF program is compiled with this, too.
 */

#ifndef USERMAP_USERLAYOUT_H
#define USERMAP_USERLAYOUT_H

#include <linux/types.h>

/* Where the maps and links are pinned. A name in bpffs has no dots. While they are made they are in
 * the second folder, which is then renamed, so that the first one has all of them or none. */
#define USERLAYOUT_MOUNT "/sys/fs/bpf"
#define USERLAYOUT_FOLDER USERLAYOUT_MOUNT "/pam_traffic"
#define USERLAYOUT_FOLDER_NEW USERLAYOUT_MOUNT "/pam_traffic_new"

/* No uid, no audit session: the kernel's own value, (uid_t)-1. */
#define USERLAYOUT_NONE ((__u32)-1)

/* Whose traffic a row has. */
enum userlayout_who {
        USERLAYOUT_USER,    /* of the user uid, and if there is one, of his login session */
        USERLAYOUT_KERNEL,  /* of sockets that the kernel has made for itself */
        USERLAYOUT_UNKNOWN, /* of whoever it is: what found no row at all */
        USERLAYOUT_REST,    /* of the owner uid: what found no row of its own any more */
};

/* A row: `rows`, a per-CPU hash. */
struct userlayout_key {
        __u32 uid;      /* as the initial user namespace has it; USERLAYOUT_NONE: does not apply */
        __u32 session;  /* audit session; USERLAYOUT_NONE: none */
        __u32 owner;    /* who answers for the row's place in the map */
        __u16 who;      /* enum userlayout_who */
        __u16 excluded; /* 1: the other end is in an excluded network */
};

struct userlayout_counts {
        __u64 in_bytes;
        __u64 in_packets;
        __u64 out_bytes;
        __u64 out_packets;
};

/* What is noted of a socket when it is made: `sockets`, storage that is local to the socket. */
struct userlayout_socket {
        __u32 uid;     /* the maker's, as the initial user namespace has it */
        __u32 session; /* the maker's audit session */
        __u32 owner;
        __u16 initial; /* 1: it is in the initial network namespace */
        __u16 service; /* 1: the maker is root, or another than who has logged in */
        __u64 cookie;  /* of the socket that was made; one that it accepted has another */
};

/* A network of `exclude`: `excluded`, a trie of prefixes. An address of IPv4 has the first four
 * bytes. prefix counts the bits of family, too. */
struct userlayout_network {
        __u32 prefix;
        __u8 family; /* 4 or 6 */
        __u8 address[16];
        __u8 unused[3];
};
#define USERLAYOUT_NETWORK_BITS 8 /* before the bits of the address */

/* A part of a range of subordinate uids: `subordinates`, a trie of prefixes. The value is the
 * range's first uid, which answers for the rows of all of them. A user's own uid that is in a range
 * has an entry, too, and answers for itself. */
struct userlayout_uids {
        __u32 prefix;
        __u32 uid; /* big endian */
};

/* What the loader tells the programs: constants in a section of their own. */
struct userlayout_settings {
        __u64 netns; /* cookie of the network namespace where a socket can be asked for its uid */
        __u32 mptcp; /* 1: the kernel has MPTCP */
        __u32 unused;
};
#define USERLAYOUT_SETTINGS ".rodata.settings"

/* How many rows there are at most. `owners` has for each owner how many he has; a reap counts them
 * anew. A user gets no more than his part, so nobody fills the map for others. An owner's row of
 * the rest, and the rows without a user, are not counted. */
#define USERLAYOUT_ROWS_OF_USER 512
#define USERLAYOUT_ROWS_OF_ROOT 65536
#define USERLAYOUT_ROWS (1 << 20)
#define USERLAYOUT_OWNERS (1 << 16)
#define USERLAYOUT_SUBORDINATES (1 << 18) /* a range has 62 at most, and mostly 14 */

/* `state`, an array of numbers. */
enum userlayout_state {
        USERLAYOUT_STATE_NETWORKS, /* how many networks are excluded */
        USERLAYOUT_STATE_SINCE,    /* when counting began, CLOCK_BOOTTIME in microseconds */
        USERLAYOUT_STATE_SAVED,    /* 1: what the rows had was saved once, and may be in the log */
        USERLAYOUT_STATE_SUBUID,   /* the hash of the /etc/subuid that `subordinates` has */
        USERLAYOUT_STATE_KEEPER,   /* which configuration keeps the ledger; 0: not known */
        USERLAYOUT_STATES,
};

/* `lost`, a per-CPU array of struct userlayout_counts with one place: what found no place at all.
 */

#endif
