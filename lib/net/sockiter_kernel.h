/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the programs of sockiter.bpf.c use of the kernel: sockets, processes and their descriptors,
 * and what its iterators hand over.
 */

#ifndef PAM_TRAFFIC_NET_SOCKITER_KERNEL_H
#define PAM_TRAFFIC_NET_SOCKITER_KERNEL_H

#include "base/bpf_types.h"

struct seq_file;
struct sock;

struct hlist_nulls_node {
        struct hlist_nulls_node *next;
} BPF_KERNEL;

struct inet_ehash_bucket {
        __u64 chain;
} BPF_KERNEL;

struct inet_hashinfo {
        struct inet_ehash_bucket *ehash;
        unsigned int ehash_mask;
} BPF_KERNEL;

struct inet_timewait_death_row {
        struct inet_hashinfo *hashinfo;
} BPF_KERNEL;

struct netns_ipv4 {
        struct inet_timewait_death_row tcp_death_row;
} BPF_KERNEL;

struct net {
        struct netns_ipv4 ipv4;
} BPF_KERNEL;

struct nsproxy {
        struct net *net_ns;
} BPF_KERNEL;

typedef struct {
        __u32 val;
} kuid_t;

struct in6_addr {
        __u8 bytes[16];
};

struct sock_common {
        __be32 skc_daddr;
        __be32 skc_rcv_saddr;
        __be16 skc_dport;
        __u16 skc_num;
        unsigned short skc_family;
        unsigned char skc_state;
        struct in6_addr skc_v6_daddr;
        struct in6_addr skc_v6_rcv_saddr;
        struct {
                struct net *net;
        } skc_net;
        struct sock *skc_listener;
        struct hlist_nulls_node skc_nulls_node;
        refcount_t skc_refcnt;
} BPF_KERNEL;

struct socket;

struct sock {
        struct sock_common __sk_common;
        struct socket *sk_socket;
        kuid_t sk_uid;
} BPF_KERNEL;

struct inet_sock {
        struct sock sk;
} BPF_KERNEL;

struct inet_connection_sock {
        struct inet_sock icsk_inet;
} BPF_KERNEL;

struct tcp_sock {
        struct inet_connection_sock inet_conn;
} BPF_KERNEL;

struct udp_sock {
        struct inet_sock inet;
} BPF_KERNEL;

struct inet_timewait_sock {
        unsigned char tw_substate;
} BPF_KERNEL;

struct super_block {
        unsigned long s_magic;
} BPF_KERNEL;

struct inode {
        struct super_block *i_sb;
        unsigned long i_ino;
} BPF_KERNEL;

struct file {
        struct inode *f_inode;
} BPF_KERNEL;

struct socket {
        unsigned long flags;
} BPF_KERNEL;

struct socket_alloc {
        struct socket socket;
        struct inode vfs_inode;
} BPF_KERNEL;

struct upid {
        int nr;
} BPF_KERNEL;

struct pid {
        unsigned int level;
        struct upid numbers[1];
} BPF_KERNEL;

struct fdtable {
        unsigned int max_fds;
        struct file **fd;
        unsigned long *open_fds;
} BPF_KERNEL;

struct files_struct {
        struct fdtable *fdt;
} BPF_KERNEL;

struct task_struct {
        struct files_struct *files;
        struct nsproxy *nsproxy;
        struct pid *thread_pid;
        struct task_struct *group_leader;
} BPF_KERNEL;

struct bpf_iter_meta {
        struct seq_file *seq;
} BPF_KERNEL;

struct bpf_iter__tcp {
        struct bpf_iter_meta *meta;
        struct sock_common *sk_common;
        __u32 uid;
} BPF_KERNEL;

struct bpf_iter__udp {
        struct bpf_iter_meta *meta;
        struct udp_sock *udp_sk;
        __u32 uid;
} BPF_KERNEL;

struct bpf_iter__task {
        struct bpf_iter_meta *meta;
        struct task_struct *task;
} BPF_KERNEL;

#endif
