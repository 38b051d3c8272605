/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The TCP sockets that do not listen, read out of the kernel's table (ehash) without a lock: under
 * RCU, by the rules of hlist_nulls, as __inet_lookup_established() does. A part of sockiter.bpf.c.
 *
 * Relies on: Documentation/RCU/rculist_nulls.rst: a socket's memory may become another socket's at
 * any time, which may be in another bucket; a walk that ends elsewhere than it began begins again.
 * As /proc/net/tcp has them: get_tcp4_sock(), get_timewait4_sock() and get_openreq4() in
 * net/ipv4/tcp_ipv4.c.
 */

/* What is to be read of the sockets in the next buckets comes near, all of it at once. */
static long sockiter_fetch_node(__u32 i, struct sockiter_connected **context) {
        struct sockiter_connected *walk = *context;
        __u32 at = i % SOCKITER_TOGETHER;
        __u64 node = walk->heads[at];

        if (node & 1)
                return 0;
        walk->next[at] = bpf_word(node);
        walk->fetched[at] = bpf_word(node - SOCKITER_NODE);
        walk->socket[at] = bpf_word(node - SOCKITER_NODE + BPF_OFFSET(struct sock, sk_socket));
        walk->fetched[at] =
                bpf_word(node - SOCKITER_NODE + BPF_OFFSET(struct sock, sk_uid) / 8 * 8);
        return 0;
}

static long sockiter_fetch_next(__u32 i, struct sockiter_connected **context) {
        struct sockiter_connected *walk = *context;
        __u32 at = i % SOCKITER_TOGETHER;

        if (walk->heads[at] & 1)
                return 0;
        walk->fetched[at] = bpf_word(walk->socket[at] + SOCKITER_SOCKET_INODE);
        if (!(walk->next[at] & 1))
                walk->fetched[at] = bpf_word(walk->next[at] - SOCKITER_NODE);
        return 0;
}

static __always_inline long sockiter_head(struct sockiter_connected *walk, bool fresh) {
        __u32 at = walk->bucket % SOCKITER_TOGETHER;
        __u64 heads = walk->table + sizeof(__u64) * (walk->bucket - at);

        if ((fresh || !at) &&
            bpf_probe_read_kernel(walk->heads, sizeof(walk->heads), (void *)heads)) {
                walk->error = SOCKITER_FAULT;
                return 1;
        }
        if (!at) {
                (void)bpf_loop(SOCKITER_TOGETHER, sockiter_fetch_node, &walk, 0);
                (void)bpf_loop(SOCKITER_TOGETHER, sockiter_fetch_next, &walk, 0);
        }
        walk->node = walk->heads[at];
        return 0;
}

/* At a chain's end: 1 to stop. */
static __always_inline long sockiter_end(struct sockiter_connected *walk) {
        if (walk->node >> 1 != walk->bucket) {
                walk->n = walk->first;
                if (++walk->retries > SOCKITER_RETRIES) {
                        walk->error = SOCKITER_MOVED;
                        return 1;
                }
                return sockiter_head(walk, true);
        }
        walk->bucket++;
        walk->first = walk->n;
        if (walk->bucket >= walk->n_buckets || walk->n >= SOCKITER_CONNECTED_FULL)
                return 1;
        return sockiter_head(walk, false);
}

/* A socket that is nobody's yet, or any more, has another type: only its struct sock_common is
 * one's. */
static __always_inline void sockiter_owner(__u64 sock, struct sockiter_socket *socket) {
        __u64 held;

        if (socket->state == SOCKITER_TIME_WAIT) {
                socket->state = BPF_GET(struct inet_timewait_sock, sock, tw_substate);
                return;
        }
        if (socket->state == SOCKITER_NEW_SYN_RECV) {
                socket->state = SOCKITER_SYN_RECV;
                sock = bpf_word(sock + BPF_OFFSET(struct sock_common, skc_listener));
                socket->uid = BPF_GET(struct sock, sock, sk_uid.val);
                return;
        }
        socket->uid = BPF_GET(struct sock, sock, sk_uid.val);
        held = bpf_word(sock + BPF_OFFSET(struct sock, sk_socket));
        if (held)
                socket->inode = bpf_word(held + SOCKITER_SOCKET_INODE);
}

static __always_inline void sockiter_tuple(__u64 sock, struct sockiter_socket *socket) {
        socket->family = BPF_GET(struct sock_common, sock, skc_family);
        socket->local_port = BPF_GET(struct sock_common, sock, skc_num);
        socket->remote_port = bpf_ntohs(BPF_GET(struct sock_common, sock, skc_dport));
        if (socket->family == SOCKITER_INET6) {
                const __u64 local = sock + BPF_OFFSET(struct sock_common, skc_v6_rcv_saddr);
                const __u64 remote = sock + BPF_OFFSET(struct sock_common, skc_v6_daddr);

                ((__u64 *)socket->local)[0] = bpf_word(local);
                ((__u64 *)socket->local)[1] = bpf_word(local + 8);
                ((__u64 *)socket->remote)[0] = bpf_word(remote);
                ((__u64 *)socket->remote)[1] = bpf_word(remote + 8);
        } else {
                *(__u32 *)socket->local = BPF_GET(struct sock_common, sock, skc_rcv_saddr);
                *(__u32 *)socket->remote = BPF_GET(struct sock_common, sock, skc_daddr);
        }
}

static __always_inline long sockiter_connection(struct sockiter_connected *walk, __u64 sock) {
        struct sockiter_socket socket = { .protocol = SOCKITER_TCP }, again = socket, *record;
        __u32 n = walk->n;

        if (bpf_word(sock + BPF_OFFSET(struct sock_common, skc_net)) != walk->net)
                return 0;
        if (n >= 2 * SOCKITER_CONNECTED_FULL) {
                walk->error = SOCKITER_CROWDED;
                return 1;
        }
        sockiter_tuple(sock, &socket);
        socket.state = BPF_GET(struct sock_common, sock, skc_state);
        sockiter_owner(sock, &socket);

        /* its memory may have become another socket's meanwhile */
        bpf_read_barrier(&walk->barrier);
        sockiter_tuple(sock, &again);
        if (!BPF_GET(struct sock_common, sock, skc_refcnt.refs.counter) ||
            socket.remote_port != again.remote_port || socket.local_port != again.local_port ||
            *(__u64 *)socket.remote != *(__u64 *)again.remote ||
            *(__u64 *)(socket.remote + 8) != *(__u64 *)(again.remote + 8))
                return 0;
        walk->n = n + 1;
        /* there is room; the kernel has to see it */
        barrier_var(n);
        record = &walk->records[n % (2 * SOCKITER_CONNECTED_FULL)];
        *record = socket;
        return 0;
}

static long sockiter_chain(__u32 i, struct sockiter_connected **context) {
        struct sockiter_connected *walk = *context;
        __u64 node = walk->node;

        (void)i;
        if (node & 1)
                return sockiter_end(walk);
        if (!node) {
                walk->error = SOCKITER_FAULT;
                return 1;
        }
        walk->node = bpf_word(node);
        return sockiter_connection(walk, node - SOCKITER_NODE);
}

/**
 * sockiter_tcp() - note the TCP sockets of the next buckets that do not listen
 * @context:    not used
 *
 * Return: 0; the shared memory tells.
 */
SEC("raw_tp")
int sockiter_tcp(void *context) {
        struct task_struct *reader = bpf_get_current_task_btf();
        struct sockiter_connected *walk;
        struct inet_hashinfo *table;
        __u32 key = 0, bucket;

        (void)context;
        walk = bpf_map_lookup_elem(&sockiter_tcp_map, &key);
        if (!walk)
                return 0;
        table = reader->nsproxy->net_ns->ipv4.tcp_death_row.hashinfo;
        walk->net = (__u64)reader->nsproxy->net_ns;
        walk->table = (__u64)table->ehash;
        walk->n_buckets = table->ehash_mask + 1;
        walk->n = walk->first = walk->retries = walk->error = 0;
        bucket = walk->bucket;
        if (sockiter_head(walk, true))
                return 0;
        (void)bpf_loop(SOCKITER_CHAIN_STEPS, sockiter_chain, &walk, 0);
        /* all steps are used up: the last bucket once more, in the next run */
        walk->n = walk->first;
        if (!walk->error && walk->bucket == bucket)
                walk->error = SOCKITER_CROWDED;
        return 0;
}
