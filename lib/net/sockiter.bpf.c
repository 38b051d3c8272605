/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What sockiter.c has the kernel do: note each socket, and each that a process has open. Sockets
 * that listen, those of UDP, and processes are walked by the kernel (BPF iterators); connections
 * (sockiter_tcp.bpf.h) and the processes' tables of descriptors are read here, without a lock.
 *
 * Relies on: the members named here; libbpf puts in where they are in the running kernel (CO-RE),
 * and does not load a program whose member is gone. As /proc/net/{tcp,udp}{,6} has them:
 * get_tcp4_sock() in net/ipv4/tcp_ipv4.c, udp4_format_sock() in net/ipv4/udp.c. As /proc/<pid>/fd:
 * tid_fd_mode() in fs/proc/fd.c. Tables of descriptors: Documentation/filesystems/files.rst; a
 * multiple of 64 (alloc_fdtable() in fs/file.c).
 * Does not: write to the kernel's memory.
 */

#include "base/bpf_types.h"

#include "sockiter_kernel.h"

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#include "base/bpf_read.h"
#include "sockiter_record.h"

#define SOCKITER_INET 2
#define SOCKITER_INET6 10
#define SOCKITER_TCP 6
#define SOCKITER_UDP 17

#define SOCKITER_RETRIES 64

/* SOCKFS_MAGIC of include/uapi/linux/magic.h. */
#define SOCKITER_SOCKFS 0x534f434b

/* Of include/net/tcp_states.h. */
#define SOCKITER_SYN_RECV 3
#define SOCKITER_TIME_WAIT 6
#define SOCKITER_LISTEN 10
#define SOCKITER_NEW_SYN_RECV 12

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(map_flags, 1 << 10); /* BPF_F_MMAPABLE */
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct sockiter_connected);
} sockiter_tcp_map SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(map_flags, 1 << 10); /* BPF_F_MMAPABLE */
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct sockiter_shared);
} sockiter_map SEC(".maps");

char LICENSE[] SEC("license") = "GPL";

#define SOCKITER_NODE BPF_OFFSET(struct sock_common, skc_nulls_node)

/* From a struct socket to its number. */
#define SOCKITER_SOCKET_INODE                                                                   \
        (BPF_OFFSET(struct socket_alloc, vfs_inode) - BPF_OFFSET(struct socket_alloc, socket) + \
         BPF_OFFSET(struct inode, i_ino))

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
 * sockiter_listening() - write a TCP socket that listens
 * @context:    one, and where to write; none at the end of the walk
 *
 * The kernel tells these first.
 *
 * Return: 0: the kernel goes on; 1, which a reader sees as EAGAIN: the others begin.
 */
SEC("iter/tcp")
int sockiter_listening(struct bpf_iter__tcp *context) {
        struct sock_common *common = context->sk_common;
        struct sockiter_socket socket = { .protocol = SOCKITER_TCP };
        struct sockiter_connected *walk;
        struct tcp_sock *tcp;
        __u32 key = 0;

        walk = bpf_map_lookup_elem(&sockiter_tcp_map, &key);
        if (!common || !walk)
                return 0;
        if (common->skc_state != SOCKITER_LISTEN) {
                walk->listened = 1;
                return 1;
        }
        sockiter_ends(common, &socket);
        socket.uid = context->uid;
        socket.state = SOCKITER_LISTEN;
        tcp = bpf_skc_to_tcp_sock(common);
        if (tcp)
                socket.inode = sockiter_inode(tcp->inet_conn.icsk_inet.sk.sk_socket);
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
        __u64 at = reader->thread_pid->level, pid = 0;
        int number = 0;

        /* as a number, which older kernels let be added to */
        (void)bpf_core_read(&pid, sizeof(pid), &task->thread_pid);
        /* by hand: an index would be multiplied by the size that struct upid has here */
        at = at * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct pid, numbers) +
             bpf_core_field_offset(struct upid, nr);
        (void)bpf_probe_read_kernel(&number, sizeof(number), (void *)(pid + at));
        return (__u32)number;
}

/*
 * Of some descriptors, those that are sockets. What is far away in memory is read for all of them
 * at once, so that the processor waits for it once: where a file's inode is, ...
 */
static long sockiter_fetch_file(__u32 i, struct sockiter_shared **context) {
        struct sockiter_shared *shared = *context;
        __u32 at = i % SOCKITER_TOGETHER;

        if (shared->file[at])
                shared->inode[at] = bpf_word(shared->file[at] + BPF_OFFSET(struct file, f_inode));
        return 0;
}

/* ... what the inode says, ... */
static long sockiter_fetch_inode(__u32 i, struct sockiter_shared **context) {
        struct sockiter_shared *shared = *context;
        __u32 at = i % SOCKITER_TOGETHER;
        __u64 inode = shared->inode[at];

        if (!shared->file[at])
                return 0;
        shared->number[at] = BPF_GET(struct inode, inode, i_ino);
        shared->super[at] = bpf_word(inode + BPF_OFFSET(struct inode, i_sb));
        return 0;
}

/* ... and whether it is a socket's. A file that was closed meanwhile may have become another one.
 */
static long sockiter_note(__u32 i, struct sockiter_shared **context) {
        struct sockiter_shared *shared = *context;
        __u32 at = i % SOCKITER_TOGETHER, n = shared->n;

        if (!shared->file[at] || shared->file[at] != shared->again[at] ||
            BPF_GET(struct super_block, shared->super[at], s_magic) != SOCKITER_SOCKFS)
                return 0;
        /* there is room; the kernel has to see it */
        shared->n = n + 1;
        barrier_var(n);
        n %= 2 * SOCKITER_FULL;
        shared->holders[n].inode = shared->number[at];
        shared->holders[n].pid = shared->pid;
        return 0;
}

static __always_inline void sockiter_take(struct sockiter_shared *shared, __u64 word) {
        const void *files = (void *)(shared->files + word * sizeof(shared->file));

        if (bpf_probe_read_kernel(shared->file, sizeof(shared->file), files))
                return;
        (void)bpf_loop(SOCKITER_TOGETHER, sockiter_fetch_file, &shared, 0);
        (void)bpf_loop(SOCKITER_TOGETHER, sockiter_fetch_inode, &shared, 0);
        bpf_read_barrier(&shared->barrier);
        if (bpf_probe_read_kernel(shared->again, sizeof(shared->again), files))
                return;
        (void)bpf_loop(SOCKITER_TOGETHER, sockiter_note, &shared, 0);
}

/* One word of a process's descriptors: 1 to stop. */
static long sockiter_step(__u32 i, struct sockiter_shared **context) {
        struct sockiter_shared *shared = *context;
        __u64 word = shared->next;

        (void)i;
        if (word >= shared->words || shared->n >= SOCKITER_FULL)
                return 1;
        if (bpf_word(shared->open + word * sizeof(__u64)))
                sockiter_take(shared, word);
        shared->next = word + 1;
        return 0;
}

/**
 * sockiter_task() - note a process and the sockets that it has open
 * @context:    a thread; none at the end of the walk
 *
 * A thread that has descriptors of its own is passed over, as /proc/<pid>/fd does. What kind of
 * socket it is, and whose network namespace's, is not looked at: the number tells.
 *
 * Return: 0: the kernel goes on; 1: it has not come to the end, and is to begin here again.
 */
SEC("iter/task")
int sockiter_task(struct bpf_iter__task *context) {
        struct task_struct *task = context->task;
        struct sockiter_shared *shared;
        struct files_struct *files;
        struct fdtable *table;
        __u32 key = 0, pid, n;

        shared = bpf_map_lookup_elem(&sockiter_map, &key);
        if (!task || !shared || task->group_leader != task)
                return 0;
        files = task->files;
        if (!files)
                return 0;
        pid = sockiter_pid(task, bpf_get_current_task_btf());
        if (pid != shared->pid)
                shared->next = 0;
        shared->pid = pid;
        n = shared->n;
        table = files->fdt;
        shared->words = table->max_fds / SOCKITER_TOGETHER;
        shared->files = (__u64)table->fd;
        shared->open = (__u64)table->open_fds;
        (void)bpf_loop(SOCKITER_STEPS, sockiter_step, &shared, 0);
        /* its table was given up meanwhile, and its memory is perhaps another's: once more */
        if (task->files != files || files->fdt != table) {
                shared->n = n;
                shared->next = 0;
                return 1;
        }
        if (shared->next < shared->words)
                return 1;
        shared->pid = 0;
        return 0;
}

#include "sockiter_tcp.bpf.h"
