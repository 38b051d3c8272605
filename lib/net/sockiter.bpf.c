/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What sockiter.c has the kernel do: write a record for each socket, and for each that a process
 * has open. BPF iterators: the kernel walks its own tables, and calls these once an entry.
 *
 * Relies on: the members named here; libbpf puts in where they are in the running kernel (CO-RE),
 * and does not load a program whose member is gone. As /proc/net/{tcp,udp}{,6} has them:
 * get_tcp4_sock(), get_timewait4_sock() and get_openreq4() in net/ipv4/tcp_ipv4.c,
 * udp4_format_sock() in net/ipv4/udp.c. As /proc/<pid>/fd: tid_fd_mode() in fs/proc/fd.c.
 * Does not: read anything of another network namespace, or write to the kernel's memory.
 */

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

enum bpf_map_type { BPF_MAP_TYPE_UNSPEC };

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#include "sockiter_record.h"

#define SOCKITER_KERNEL __attribute__((preserve_access_index))

#define SOCKITER_INET 2
#define SOCKITER_INET6 10
#define SOCKITER_TCP 6
#define SOCKITER_UDP 17

/* Of include/net/tcp_states.h. */
#define SOCKITER_SYN_RECV 3
#define SOCKITER_TIME_WAIT 6
#define SOCKITER_NEW_SYN_RECV 12

struct net;
struct seq_file;

struct possible_net {
        struct net *net;
} SOCKITER_KERNEL;

struct in6_addr {
        __u8 bytes[16];
};

struct sock_common {
        __be32 skc_daddr;
        __be32 skc_rcv_saddr;
        __be16 skc_dport;
        __u16 skc_num;
        unsigned short skc_family;
        volatile unsigned char skc_state;
        struct in6_addr skc_v6_daddr;
        struct in6_addr skc_v6_rcv_saddr;
        struct {
                struct net *net;
        } skc_net;
} SOCKITER_KERNEL;

struct socket;

struct sock {
        struct sock_common __sk_common;
        struct socket *sk_socket;
} SOCKITER_KERNEL;

struct inet_sock {
        struct sock sk;
} SOCKITER_KERNEL;

struct inet_connection_sock {
        struct inet_sock icsk_inet;
} SOCKITER_KERNEL;

struct tcp_sock {
        struct inet_connection_sock inet_conn;
} SOCKITER_KERNEL;

struct udp_sock {
        struct inet_sock inet;
} SOCKITER_KERNEL;

struct inet_timewait_sock {
        volatile unsigned char tw_substate;
} SOCKITER_KERNEL;

struct tcp_timewait_sock {
        struct inet_timewait_sock tw_sk;
} SOCKITER_KERNEL;

struct inode {
        unsigned long i_ino;
} SOCKITER_KERNEL;

struct file {
        struct inode *f_inode;
} SOCKITER_KERNEL;

struct socket {
        struct sock *sk;
} SOCKITER_KERNEL;

struct socket_alloc {
        struct socket socket;
        struct inode vfs_inode;
} SOCKITER_KERNEL;

struct upid {
        int nr;
} SOCKITER_KERNEL;

struct pid {
        unsigned int level;
        struct upid numbers[1];
} SOCKITER_KERNEL;

struct nsproxy {
        struct net *net_ns;
} SOCKITER_KERNEL;

struct task_struct {
        struct pid *thread_pid;
        struct nsproxy *nsproxy;
        struct task_struct *group_leader;
} SOCKITER_KERNEL;

struct bpf_iter_meta {
        struct seq_file *seq;
} SOCKITER_KERNEL;

struct bpf_iter__tcp {
        struct bpf_iter_meta *meta;
        struct sock_common *sk_common;
        __u32 uid;
} SOCKITER_KERNEL;

struct bpf_iter__udp {
        struct bpf_iter_meta *meta;
        struct udp_sock *udp_sk;
        __u32 uid;
} SOCKITER_KERNEL;

struct bpf_iter__task_file {
        struct bpf_iter_meta *meta;
        struct task_struct *task;
        __u32 fd;
        struct file *file;
} SOCKITER_KERNEL;

char LICENSE[] SEC("license") = "GPL";

/* SOCK_INODE() of include/net/sock.h; 0 where the kernel alone has the socket. */
static __always_inline __u64 sockiter_inode(struct socket *socket) {
        const __u64 inode = bpf_core_field_offset(struct socket_alloc, vfs_inode) -
                            bpf_core_field_offset(struct socket_alloc, socket);
        unsigned long number = 0;

        if (!socket)
                return 0;
        (void)bpf_core_read(&number, sizeof(number),
                            &((struct inode *)((char *)socket + inode))->i_ino);
        return number;
}

static __always_inline void sockiter_ends(const struct sock_common *common,
                                          struct sockiter_socket *socket) {
        socket->family = common->skc_family;
        socket->local_port = common->skc_num;
        socket->remote_port = bpf_ntohs(common->skc_dport);
        if (socket->family == SOCKITER_INET6) {
                (void)bpf_core_read(socket->local, 16, &common->skc_v6_rcv_saddr);
                (void)bpf_core_read(socket->remote, 16, &common->skc_v6_daddr);
        } else {
                *(__u32 *)socket->local = common->skc_rcv_saddr;
                *(__u32 *)socket->remote = common->skc_daddr;
        }
}

/**
 * sockiter_tcp() - write a TCP socket
 * @context:    one, and where to write; none at the end of the walk
 *
 * Return: 0: the kernel goes on.
 */
SEC("iter/tcp")
int sockiter_tcp(struct bpf_iter__tcp *context) {
        struct sock_common *common = context->sk_common;
        struct sockiter_socket socket = { .protocol = SOCKITER_TCP };
        struct tcp_timewait_sock *waiting;
        struct tcp_sock *tcp;

        if (!common)
                return 0;
        sockiter_ends(common, &socket);
        socket.uid = context->uid;
        socket.state = common->skc_state;
        if (socket.state == SOCKITER_TIME_WAIT) {
                waiting = bpf_skc_to_tcp_timewait_sock(common);
                if (waiting)
                        socket.state = waiting->tw_sk.tw_substate;
        } else if (socket.state == SOCKITER_NEW_SYN_RECV) {
                socket.state = SOCKITER_SYN_RECV;
        } else {
                tcp = bpf_skc_to_tcp_sock(common);
                if (tcp)
                        socket.inode = sockiter_inode(tcp->inet_conn.icsk_inet.sk.sk_socket);
        }
        (void)bpf_seq_write(context->meta->seq, &socket, sizeof(socket));
        return 0;
}

/**
 * sockiter_udp() - write a UDP socket
 * @context:    one, and where to write; none at the end of the walk
 *
 * Return: 0: the kernel goes on.
 */
SEC("iter/udp")
int sockiter_udp(struct bpf_iter__udp *context) {
        struct udp_sock *udp = context->udp_sk;
        struct sockiter_socket socket = { .protocol = SOCKITER_UDP };

        if (!udp)
                return 0;
        sockiter_ends(&udp->inet.sk.__sk_common, &socket);
        socket.uid = context->uid;
        socket.state = udp->inet.sk.__sk_common.skc_state;
        socket.inode = sockiter_inode(udp->inet.sk.sk_socket);
        (void)bpf_seq_write(context->meta->seq, &socket, sizeof(socket));
        return 0;
}

/* The number that a process has in the reader's pid namespace. */
static __always_inline __u32 sockiter_pid(struct task_struct *task, struct task_struct *reader) {
        struct pid *pid = task->thread_pid;
        __u64 at = reader->thread_pid->level;
        int number = 0;

        /* by hand: an index would be multiplied by the size that struct upid has here */
        at = at * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct pid, numbers) +
             bpf_core_field_offset(struct upid, nr);
        (void)bpf_probe_read_kernel(&number, sizeof(number), (char *)pid + at);
        return (__u32)number;
}

/**
 * sockiter_file() - write a process and the socket that it has open, if it is one of ours
 * @context:    a descriptor, and where to write; none at the end of the walk
 *
 * A thread that has descriptors of its own is passed over, as /proc/<pid>/fd does.
 *
 * Return: 0: the kernel goes on.
 */
SEC("iter/task_file")
int sockiter_file(struct bpf_iter__task_file *context) {
        struct task_struct *task = context->task, *reader = bpf_get_current_task_btf();
        struct file *file = context->file;
        struct sockiter_holder holder = { 0 };
        struct socket *socket;
        struct sock *sock;
        __u16 family;

        if (!task || !file || task->group_leader != task)
                return 0;
        socket = bpf_sock_from_file(file);
        if (!socket)
                return 0;
        sock = socket->sk;
        if (!sock || sock->__sk_common.skc_net.net != reader->nsproxy->net_ns)
                return 0;
        family = sock->__sk_common.skc_family;
        if (family != SOCKITER_INET && family != SOCKITER_INET6)
                return 0;

        holder.inode = file->f_inode->i_ino;
        holder.pid = sockiter_pid(task, reader);
        (void)bpf_seq_write(context->meta->seq, &holder, sizeof(holder));
        return 0;
}
