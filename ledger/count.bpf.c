/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The kernel's part of the users' ledger: it counts each packet that passes a socket of an IP
 * family, for the user, and the login, whose socket it is.
 *
 * Owns: whose a packet is. When a process makes a socket, the maker is noted in storage that is
 * local to the socket; what the socket accepts gets a copy (BPF_F_CLONE). docs/users.md, "Whose a
 * packet is", has the rules and the reason for each.
 * Relies on: helpers that are stable, and members of the kernel's structures that CO-RE finds by
 * name. cgroup_skb programs at the root of cgroup2 see all sockets of the host.
 * Does not: refuse anything. Each program allows what it sees.
 */

#include "usermap/userlayout.h"

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define COUNT_LEVELS 33 /* user namespaces are nested 32 deep at most (user_namespaces(7)) */

/* uapi headers that need the C library */
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86DD
#define IP_SOURCE 12
#define IP_TARGET 16
#define IP6_SOURCE 8
#define IP6_TARGET 24
#define SOCK_RAW 3
#define IPPROTO_TCP 6

/* the kernel's structures, as far as they are read here; CO-RE has the offsets */
struct kernel_id {
        __u32 val;
} __attribute__((preserve_access_index));

struct user_namespace {
        struct user_namespace *parent;
        int level;
        struct kernel_id owner;
} __attribute__((preserve_access_index));

struct cred {
        struct kernel_id uid;
        struct user_namespace *user_ns;
} __attribute__((preserve_access_index));

struct task_struct {
        struct task_struct *real_parent;
        const struct cred *cred;
        char comm[16];
        struct kernel_id loginuid;
        unsigned int sessionid;
} __attribute__((preserve_access_index));

struct sock_common {
        struct {
                __s64 counter;
        } skc_cookie;
} __attribute__((preserve_access_index));

struct sock {
        struct sock_common __sk_common;
        struct kernel_id sk_uid;
        __u8 sk_kern_sock : 1;
} __attribute__((preserve_access_index));

struct sk_buff {
        struct sock *sk;
} __attribute__((preserve_access_index));

/* Set by the loader. */
const volatile struct userlayout_settings count_settings SEC(USERLAYOUT_SETTINGS) = { 0 };

struct {
        __uint(type, BPF_MAP_TYPE_SK_STORAGE);
        __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
        __type(key, int);
        __type(value, struct userlayout_socket);
} sockets SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __uint(max_entries, USERLAYOUT_ROWS);
        __type(key, struct userlayout_key);
        __type(value, struct userlayout_counts);
} rows SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __uint(max_entries, USERLAYOUT_OWNERS);
        __type(key, __u32);
        __type(value, __u32);
} owners SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_LPM_TRIE);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __uint(max_entries, 1024);
        __type(key, struct userlayout_network);
        __type(value, __u32);
} excluded SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_LPM_TRIE);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __uint(max_entries, USERLAYOUT_SUBORDINATES);
        __type(key, struct userlayout_uids);
        __type(value, __u32);
} subordinates SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, USERLAYOUT_STATES);
        __type(key, __u32);
        __type(value, __u64);
} state SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct userlayout_counts);
} lost SEC(".maps");

/* A subordinate uid's range answers for it: its user may become each of its uids, by programs that
 * he makes in a container. */
static __u32 count_range(__u32 uid) {
        const struct userlayout_uids uids = { .prefix = 32, .uid = bpf_htonl(uid) };
        const __u32 *first = bpf_map_lookup_elem(&subordinates, &uids);

        return first ? *first : uid;
}

/* Who answers for the rows of a task: its real uid; in a user namespace, where it may have any, who
 * has made the outermost one. The loginuid would not do: a task that has none may take anybody's.
 */
static __u32 count_owner(const struct cred *cred) {
        struct user_namespace *space = BPF_CORE_READ(cred, user_ns);

        if (!BPF_CORE_READ(space, level))
                return count_range(BPF_CORE_READ(cred, uid.val));
        for (int i = 0; i < COUNT_LEVELS && BPF_CORE_READ(space, level) > 1; i++)
                space = BPF_CORE_READ(space, parent);
        return count_range(BPF_CORE_READ(space, owner.val));
}

/* Whether a task is sshd, and its parent, too: then it is a login's part of sshd, or asks to be
 * taken for one. */
static bool count_is_sshd(struct task_struct *task) {
        const char sshd[] = { 's', 's', 'h', 'd' };
        struct task_struct *parent = BPF_CORE_READ(task, real_parent);
        char name[16], above[16];

        BPF_CORE_READ_INTO(&name, task, comm);
        BPF_CORE_READ_INTO(&above, parent, comm);
        for (int i = 0; i < 4; i++)
                if (name[i] != sshd[i] || above[i] != sshd[i])
                        return false;
        return true;
}

/* Whether a task is of a service: it is root's, or another user's than who has logged in. The ports
 * that root's login forwards (ssh -R) are listened to by root, too. */
static bool count_is_service(struct task_struct *task, __u32 owner) {
        __u32 loginuid;

        if (!bpf_core_field_exists(task->loginuid))
                return true;
        loginuid = BPF_CORE_READ(task, loginuid.val);
        if (owner && (owner == loginuid || BPF_CORE_READ(task, cred, uid.val) == loginuid))
                return false;
        return !count_is_sshd(task);
}

SEC("cgroup/sock_create")
int count_create(struct bpf_sock *sk) {
        struct task_struct *task = (struct task_struct *)bpf_get_current_task();
        struct userlayout_socket *socket;

        socket = bpf_sk_storage_get(&sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
        if (!socket)
                return 1;
        socket->uid = (__u32)bpf_get_current_uid_gid();
        socket->session = bpf_core_field_exists(task->sessionid) ? BPF_CORE_READ(task, sessionid)
                                                                 : USERLAYOUT_NONE;
        socket->owner = count_owner(BPF_CORE_READ(task, cred));
        socket->service = count_is_service(task, socket->owner);
        socket->initial = bpf_get_netns_cookie(sk) == count_settings.netns;
        socket->cookie = bpf_get_socket_cookie(sk);
        return 1;
}

/* Whether the other end of a packet is in an excluded network. */
static bool count_is_excluded(struct __sk_buff *skb, bool out) {
        struct userlayout_network network = { 0 };
        __u32 place = USERLAYOUT_STATE_NETWORKS;
        __u64 *networks = bpf_map_lookup_elem(&state, &place);
        long r;

        if (!networks || !*networks)
                return false;
        if (skb->protocol == bpf_htons(ETH_P_IP)) {
                network.family = 4;
                network.prefix = USERLAYOUT_NETWORK_BITS + 32;
                r = bpf_skb_load_bytes_relative(skb, out ? IP_TARGET : IP_SOURCE, network.address,
                                                4, BPF_HDR_START_NET);
        } else {
                network.family = 6;
                network.prefix = USERLAYOUT_NETWORK_BITS + 128;
                r = bpf_skb_load_bytes_relative(skb, out ? IP6_TARGET : IP6_SOURCE, network.address,
                                                16, BPF_HDR_START_NET);
        }
        return !r && bpf_map_lookup_elem(&excluded, &network);
}

/* The session of a socket. What the socket of a service has accepted is the traffic of no login,
 * even if somebody has started the service in one. */
static __u32 count_session(const struct userlayout_socket *socket, __u64 cookie) {
        return socket->service && socket->cookie != cookie ? USERLAYOUT_NONE : socket->session;
}

static void count_name(struct userlayout_key *key, const struct userlayout_socket *socket,
                       __u32 uid, __u32 session) {
        key->uid = uid;
        key->session = session;
        key->owner = socket->owner;
        key->who = USERLAYOUT_USER;
}

/* A socket of which nothing was noted: the kernel's own, one that the kernel made for MPTCP, one
 * that is older than the programs, or one for whose note the network namespace had no memory
 * (net.core.optmem_max, which its user may set). bpf_get_socket_uid() is not asked: it tells the
 * uid as the user namespace of the socket's network namespace calls it, and that its user chooses.
 * What the socket itself has is the kernel's, the same everywhere. */
static void count_name_unnoted(struct __sk_buff *skb, struct bpf_sock *sk,
                               struct userlayout_key *key) {
        const struct userlayout_socket *socket;
        struct sock *real;

        if (count_settings.mptcp && sk->type != SOCK_RAW && sk->protocol == IPPROTO_TCP) {
                real = (struct sock *)bpf_skc_to_mptcp_sock(sk);
                socket = real ? bpf_sk_storage_get(&sockets, real, NULL, 0) : NULL;
                if (socket) {
                        count_name(key, socket,
                                   socket->initial ? BPF_CORE_READ(real, sk_uid.val) : socket->uid,
                                   count_session(socket,
                                                 BPF_CORE_READ(real,
                                                               __sk_common.skc_cookie.counter)));
                        return;
                }
        }
        real = BPF_CORE_READ((struct sk_buff *)skb, sk);
        key->uid = BPF_CORE_READ(real, sk_uid.val);
        key->owner = count_range(key->uid);
        key->session = USERLAYOUT_NONE;
        key->who = USERLAYOUT_USER;
        if (!BPF_CORE_READ_BITFIELD_PROBED(real, sk_kern_sock))
                return;
        /* raw ones answer echo requests and send resets; what a listener of MPTCP has not accepted
         * yet is the kernel's, too, and has the uid of who listens */
        if (sk->type == SOCK_RAW || !key->uid) {
                key->uid = key->owner = USERLAYOUT_NONE;
                key->who = USERLAYOUT_KERNEL;
        }
}

/* A row's first packet. Return: the row; that of the rest, where the owner has too many; NULL:
 * there is no room. */
static struct userlayout_counts *count_row_new(struct userlayout_key *key) {
        const struct userlayout_counts nothing = { 0 };
        __u32 none = 0, *have;

        if (key->who == USERLAYOUT_USER) {
                have = bpf_map_lookup_elem(&owners, &key->owner);
                if (!have) {
                        (void)bpf_map_update_elem(&owners, &key->owner, &none, BPF_NOEXIST);
                        have = bpf_map_lookup_elem(&owners, &key->owner);
                }
                if (have &&
                    *have < (key->owner ? USERLAYOUT_ROWS_OF_USER : USERLAYOUT_ROWS_OF_ROOT)) {
                        if (!bpf_map_update_elem(&rows, key, &nothing, BPF_NOEXIST))
                                (void)__sync_fetch_and_add(have, 1);
                        return bpf_map_lookup_elem(&rows, key);
                }
                key->uid = key->owner;
                key->session = USERLAYOUT_NONE;
                key->who = USERLAYOUT_REST;
        }
        (void)bpf_map_update_elem(&rows, key, &nothing, BPF_NOEXIST);
        return bpf_map_lookup_elem(&rows, key);
}

static int count(struct __sk_buff *skb, bool out) {
        const struct userlayout_socket *socket;
        struct userlayout_key key = { 0 };
        struct userlayout_counts *row;
        struct bpf_sock *sk = skb->sk;
        __u32 place = 0;

        if (!sk)
                return 1;
        socket = bpf_sk_storage_get(&sockets, sk, NULL, 0);
        if (socket) {
                count_name(&key, socket, socket->initial ? bpf_get_socket_uid(skb) : socket->uid,
                           count_session(socket, bpf_get_socket_cookie(skb)));
        } else {
                sk = bpf_sk_fullsock(sk);
                if (!sk)
                        return 1;
                count_name_unnoted(skb, sk, &key);
        }
        key.excluded = count_is_excluded(skb, out);

        row = bpf_map_lookup_elem(&rows, &key);
        if (!row)
                row = count_row_new(&key);
        if (!row)
                row = bpf_map_lookup_elem(&lost, &place);
        if (!row)
                return 1;
        /* a softirq may come between, on the same processor */
        (void)__sync_fetch_and_add(out ? &row->out_bytes : &row->in_bytes, skb->len);
        (void)__sync_fetch_and_add(out ? &row->out_packets : &row->in_packets, 1);
        return 1;
}

SEC("cgroup_skb/ingress")
int count_in(struct __sk_buff *skb) {
        return count(skb, false);
}

SEC("cgroup_skb/egress")
int count_out(struct __sk_buff *skb) {
        return count(skb, true);
}

char _license[] SEC("license") = "GPL";
