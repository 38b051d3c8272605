/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What flowscan.bpf.c uses of the kernel: conntrack's entries
 * (include/net/netfilter/nf_conntrack*.h), and how to find one (net/netfilter/nf_conntrack_bpf.c).
 */

#ifndef PAM_TRAFFIC_NETFILTER_FLOWSCAN_KERNEL_H
#define PAM_TRAFFIC_NETFILTER_FLOWSCAN_KERNEL_H

#include "base/bpf_types.h"

struct __sk_buff {
        __u32 len;
};

struct net;

struct hlist_nulls_node {
        struct hlist_nulls_node *next;
        struct hlist_nulls_node **pprev;
} BPF_KERNEL;

union nf_inet_addr {
        __u32 all[4];
} BPF_KERNEL;

union nf_conntrack_man_proto {
        __be16 all;
} BPF_KERNEL;

struct nf_conntrack_man {
        union nf_inet_addr u3;
        union nf_conntrack_man_proto u;
        __u16 l3num;
} BPF_KERNEL;

struct nf_conntrack_tuple {
        struct nf_conntrack_man src;
        struct {
                union nf_inet_addr u3;
                union {
                        __be16 all;
                } u;
                __u8 protonum;
                __u8 dir;
        } dst;
} BPF_KERNEL;

struct nf_conntrack_tuple_hash {
        struct hlist_nulls_node hnnode;
        struct nf_conntrack_tuple tuple;
} BPF_KERNEL;

struct nf_conntrack {
        refcount_t use;
} BPF_KERNEL;

struct ip_ct_tcp {
        __u8 state;
} BPF_KERNEL;

union nf_conntrack_proto {
        struct ip_ct_tcp tcp;
} BPF_KERNEL;

struct nf_ct_ext {
        __u8 offset[4];
} BPF_KERNEL;

struct nf_conn {
        struct nf_conntrack ct_general;
        __u32 timeout;
        struct nf_conntrack_tuple_hash tuplehash[2];
        unsigned long status;
        struct {
                struct net *net;
        } ct_net; /* possible_net_t */
        struct nf_ct_ext *ext;
        union nf_conntrack_proto proto;
} BPF_KERNEL;

typedef struct {
        __s64 counter;
} atomic64_t;

struct nf_conn_counter {
        atomic64_t packets;
        atomic64_t bytes;
} BPF_KERNEL;

struct nf_conn_acct {
        struct nf_conn_counter counter[2];
} BPF_KERNEL;

struct nf_conn_tstamp {
        __u64 start;
} BPF_KERNEL;

enum nf_ct_ext_id {
        NF_CT_EXT_ACCT,
        NF_CT_EXT_TSTAMP,
};

struct nsproxy {
        struct net *net_ns;
} BPF_KERNEL;

struct task_struct {
        struct nsproxy *nsproxy;
} BPF_KERNEL;

/* Of include/uapi/linux/bpf.h. */
struct bpf_sock_tuple {
        __u32 words[8]; /* IPv4: source, destination, ports; IPv6: four, four, ports */
        __be16 ports[2];
};

#define FLOWSCAN_TUPLE4 12
#define FLOWSCAN_TUPLE6 36

/* Of net/netfilter/nf_conntrack_bpf.c: the first 12 bytes, which all kernels take. */
struct bpf_ct_opts {
        __s32 netns_id;
        __s32 error;
        __u8 l4proto;
        __u8 dir;
        __u8 reserved[2];
};

#define FLOWSCAN_THIS_NETNS (-1)

extern struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb_ctx,
                                         struct bpf_sock_tuple *bpf_tuple, __u32 tuple__sz,
                                         struct bpf_ct_opts *opts, __u32 opts__sz)
        __attribute__((section(".ksyms")));
extern void bpf_ct_release(struct nf_conn *nfct) __attribute__((section(".ksyms")));

#endif
