/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What flowscan.c has the kernel do: copy conntrack's entries out of its hash table, as the readers
 * of /proc/net/nf_conntrack do, without a lock: under RCU, by the rules of hlist_nulls.
 *
 * Owns: finding the table, from an entry that is known; the walk; that what was copied is of one
 * entry, and of one moment: what tells it apart is read once more afterwards.
 * Relies on: the members named here; libbpf puts in where they are in the running kernel (CO-RE),
 * and does not load a program whose member is gone. Documentation/RCU/rculist_nulls.rst: an entry's
 * memory may become another entry's at any time, which may be in another bucket; a walk that ends
 * elsewhere than it began begins again. ct_get_next() in nf_conntrack_standalone.c and
 * ctnetlink_dump_table() in nf_conntrack_netlink.c: which entries are told.
 * Does not: take a reference or a lock, or write to the kernel's memory.
 */

#include "base/bpf_types.h"

#include "flowscan_kernel.h"

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#include "base/bpf_read.h"
#include "flowscan_record.h"

#define FLOWSCAN_INET 2
#define FLOWSCAN_ICMP 1
#define FLOWSCAN_TCP 6
#define FLOWSCAN_ICMPV6 58

/* enum ip_conntrack_status, of include/uapi/linux/netfilter/nf_conntrack_common.h. */
#define FLOWSCAN_SEEN_REPLY (1 << 1)
#define FLOWSCAN_IS_ASSURED (1 << 2)
#define FLOWSCAN_OFFLOADED (1 << 14)

#define FLOWSCAN_RETRIES 64
#define FLOWSCAN_CHAIN 256

/* Both ends, the protocol and the direction. */
#define FLOWSCAN_TUPLE_WORDS 5

/* Where the counters are beside an entry, in general: what is read too early by this costs time. */
#define FLOWSCAN_COUNTERS 32

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(map_flags, 1 << 10); /* BPF_F_MMAPABLE */
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct flowscan_shared);
} flowscan_map SEC(".maps");

char LICENSE[] SEC("license") = "GPL";

static __always_inline struct flowscan_shared *flowscan_memory(void) {
        __u32 key = 0;

        return bpf_map_lookup_elem(&flowscan_map, &key);
}

/* A chain's end is no pointer: the bucket's number, and the lowest bit set. */
static __always_inline bool flowscan_is_end(__u64 node) {
        return node & 1;
}

#define FLOWSCAN_PPREV BPF_OFFSET(struct hlist_nulls_node, pprev)
#define FLOWSCAN_NODE_SIZE ((__u64)bpf_core_type_size(struct nf_conntrack_tuple_hash))
#define FLOWSCAN_TUPLE BPF_OFFSET(struct nf_conntrack_tuple_hash, tuple)
#define FLOWSCAN_EXT BPF_OFFSET(struct nf_conn, ext)

/* Where an entry has its nodes. */
#define FLOWSCAN_NODES BPF_OFFSET(struct nf_conn, tuplehash)

struct flowscan_ends {
        __u64 end;
        __u64 head;
};

/* Down a chain. */
static long flowscan_down(__u32 i, struct flowscan_ends *ends) {
        (void)i;
        ends->end = bpf_word(ends->end);
        return !ends->end || flowscan_is_end(ends->end);
}

/* And up. */
static long flowscan_up(__u32 i, struct flowscan_ends *ends) {
        __u64 before = bpf_word(ends->head + FLOWSCAN_PPREV);

        (void)i;
        if (!before || flowscan_is_end(before) || bpf_word(before) != ends->head)
                return 1;
        ends->head = before;
        return 0;
}

/*
 * The table: at the end of an entry's chain is the number of its bucket, at the beginning the
 * bucket itself. What points to a node is the one before it, whose own pprev points to what points
 * to it; or the bucket, behind which the next bucket is.
 */
static __always_inline void flowscan_locate(struct flowscan_shared *scan, __u64 node) {
        struct flowscan_ends ends = { node, bpf_word(node + FLOWSCAN_PPREV) };

        (void)bpf_loop(FLOWSCAN_CHAIN, flowscan_down, &ends, 0);
        if (!flowscan_is_end(ends.end) ||
            bpf_loop(FLOWSCAN_CHAIN, flowscan_up, &ends, 0) == FLOWSCAN_CHAIN || !ends.head)
                return;
        scan->table = ends.head - sizeof(__u64) * (ends.end >> 1);
        scan->found = 1;
}

/**
 * flowscan_find() - find the table from an entry
 * @skb:        a packet of the reader's network namespace
 *
 * Return: 0; the shared memory tells.
 */
SEC("tc")
int flowscan_find(struct __sk_buff *skb) {
        struct flowscan_shared *scan = flowscan_memory();
        struct bpf_ct_opts options = { .netns_id = FLOWSCAN_THIS_NETNS };
        struct bpf_sock_tuple tuple = { 0 };
        struct nf_conn *entry;
        bool four;

        if (!scan)
                return 0;
        scan->found = 0;
        options.l4proto = scan->known_protocol;
        four = scan->known_family == FLOWSCAN_INET;
        __builtin_memcpy(tuple.words, scan->known_words, sizeof(tuple.words));
        if (four)
                __builtin_memcpy(&tuple.words[2], scan->known_ports, sizeof(scan->known_ports));
        else
                __builtin_memcpy(tuple.ports, scan->known_ports, sizeof(scan->known_ports));
        if (four)
                entry = bpf_skb_ct_lookup(skb, &tuple, FLOWSCAN_TUPLE4, &options, sizeof(options));
        else
                entry = bpf_skb_ct_lookup(skb, &tuple, FLOWSCAN_TUPLE6, &options, sizeof(options));
        if (!entry)
                return 0;
        /* the memory stays an entry's as long as this runs */
        *(volatile __u64 *)&scan->node = (__u64)entry;
        bpf_ct_release(entry);
        flowscan_locate(scan, *(volatile __u64 *)&scan->node + FLOWSCAN_NODES +
                                      (options.dir ? FLOWSCAN_NODE_SIZE : 0));
        return 0;
}

/*
 * Have what the next buckets need come near, all at once: it is far away in memory, and each place
 * would be waited for. The words are kept so that they are read; they are no answer to anything.
 * First the nodes, and where it says what is beside an entry.
 */
static long flowscan_fetch_nodes(__u32 i, struct flowscan_shared **context) {
        struct flowscan_shared *scan = *context;
        __u32 at = i % FLOWSCAN_HEADS;
        __u64 node = scan->heads[at];

        if (flowscan_is_end(node))
                return 0;
        scan->fetched[at] = bpf_word(node);
        scan->beside[at] = bpf_word(node - FLOWSCAN_NODES + FLOWSCAN_EXT);
        scan->wanted[at] = !BPF_GET(struct nf_conntrack_tuple_hash, node, tuple.dst.dir);
        return 0;
}

/* Then the next nodes, and the counters. */
static long flowscan_fetch_beside(__u32 i, struct flowscan_shared **context) {
        const __u64 direction = BPF_OFFSET(struct nf_conntrack_tuple_hash, tuple.dst.dir);
        struct flowscan_shared *scan = *context;
        __u32 at = i % FLOWSCAN_HEADS;

        if (flowscan_is_end(scan->heads[at]))
                return 0;
        if (!flowscan_is_end(scan->fetched[at]))
                scan->fetched[at] = bpf_word(scan->fetched[at] + direction / 8 * 8);
        if (scan->wanted[at])
                scan->beside[at] = bpf_word(scan->beside[at] + FLOWSCAN_COUNTERS);
        return 0;
}

/* Where a bucket begins; of those that were not asked for yet, a number is read at once. */
static __always_inline long flowscan_head(struct flowscan_shared *scan, bool fresh) {
        __u32 at = scan->bucket % FLOWSCAN_HEADS;
        __u64 heads = scan->table + sizeof(__u64) * (scan->bucket - at);

        if ((fresh || !at) &&
            bpf_probe_read_kernel(scan->heads, sizeof(scan->heads), (void *)heads)) {
                scan->error = FLOWSCAN_FAULT;
                return 1;
        }
        if (!at) {
                (void)bpf_loop(FLOWSCAN_HEADS, flowscan_fetch_nodes, &scan, 0);
                (void)bpf_loop(FLOWSCAN_HEADS, flowscan_fetch_beside, &scan, 0);
        }
        scan->node = scan->heads[at];
        return 0;
}

/* At a chain's end: 1 to stop. */
static __always_inline long flowscan_end(struct flowscan_shared *scan) {
        if (scan->node >> 1 != scan->bucket) {
                scan->n = scan->first;
                if (++scan->retries > FLOWSCAN_RETRIES) {
                        scan->error = FLOWSCAN_MOVED;
                        return 1;
                }
                return flowscan_head(scan, true);
        }
        scan->bucket++;
        scan->first = scan->n;
        if (scan->bucket >= scan->n_buckets || scan->n >= FLOWSCAN_FULL)
                return 1;
        return flowscan_head(scan, false);
}

struct flowscan_tuple {
        __u64 words[FLOWSCAN_TUPLE_WORDS];
};

static __always_inline struct flowscan_tuple flowscan_tuple(__u64 at) {
        struct flowscan_tuple tuple;

        for (int i = 0; i < FLOWSCAN_TUPLE_WORDS; i++)
                tuple.words[i] = bpf_word(at + i * sizeof(__u64));
        return tuple;
}

static __always_inline bool flowscan_is_tuple(const struct flowscan_tuple *tuple, __u64 at) {
        __u64 other = 0;

        for (int i = 0; i < FLOWSCAN_TUPLE_WORDS; i++)
                other |= tuple->words[i] ^ bpf_word(at + i * sizeof(__u64));
        return !other;
}

/* A member of a copied tuple. */
#define FLOWSCAN_OF(type, tuple, member) \
        (*(const type *)((const char *)(tuple) + BPF_OFFSET(struct nf_conntrack_tuple, member)))

static __always_inline void flowscan_way(struct flowscan_way *way,
                                         const struct flowscan_tuple *tuple, bool has_ports) {
        __builtin_memcpy(way->source, &FLOWSCAN_OF(char, tuple, src.u3), sizeof(way->source));
        __builtin_memcpy(way->destination, &FLOWSCAN_OF(char, tuple, dst.u3),
                         sizeof(way->destination));
        way->source_port = has_ports ? bpf_ntohs(FLOWSCAN_OF(__be16, tuple, src.u)) : 0;
        way->destination_port = has_ports ? bpf_ntohs(FLOWSCAN_OF(__be16, tuple, dst.u)) : 0;
        way->bytes = way->packets = 0;
}

/* Where something is beside an entry, or 0 if the entry does not have it: its offset is 0 then. */
static __always_inline __u64 flowscan_beside(__u64 beside, __u64 id) {
        __u64 offset = BPF_GET(struct nf_ct_ext, beside + id, offset[0]);

        return offset ? beside + offset : 0;
}

static __always_inline void flowscan_count(struct flowscan_way *way, __u64 counter) {
        way->bytes = bpf_word(counter + BPF_OFFSET(struct nf_conn_counter, bytes));
        way->packets = bpf_word(counter + BPF_OFFSET(struct nf_conn_counter, packets));
}

static __always_inline void flowscan_details(struct flowscan_record *record, __u64 beside) {
        __u64 at = flowscan_beside(beside, bpf_core_enum_value(enum nf_ct_ext_id, NF_CT_EXT_ACCT));

        if (at) {
                flowscan_count(&record->original, at);
                flowscan_count(&record->reply, at + bpf_core_type_size(struct nf_conn_counter));
                record->flags |= FLOWSCAN_COUNTED;
        }
        if (!bpf_core_enum_value_exists(enum nf_ct_ext_id, NF_CT_EXT_TSTAMP))
                return;
        at = flowscan_beside(beside, bpf_core_enum_value(enum nf_ct_ext_id, NF_CT_EXT_TSTAMP));
        if (at)
                record->started = bpf_word(at + BPF_OFFSET(struct nf_conn_tstamp, start));
}

static __always_inline void flowscan_fill(struct flowscan_record *record,
                                          const struct flowscan_tuple *original,
                                          const struct flowscan_tuple *reply, __u64 entry) {
        __u64 status = BPF_GET(struct nf_conn, entry, status);
        bool has_ports;

        record->started = 0;
        record->family = FLOWSCAN_OF(__u16, original, src.l3num);
        record->protocol = FLOWSCAN_OF(__u8, original, dst.protonum);
        has_ports = record->protocol != FLOWSCAN_ICMP && record->protocol != FLOWSCAN_ICMPV6;
        flowscan_way(&record->original, original, has_ports);
        flowscan_way(&record->reply, reply, has_ports);
        record->flags = (status & FLOWSCAN_SEEN_REPLY ? FLOWSCAN_REPLIED : 0) |
                        (status & FLOWSCAN_IS_ASSURED ? FLOWSCAN_ASSURED : 0);
        /* its state is not followed while the packets go another way; netlink leaves it out, too */
        if (record->protocol == FLOWSCAN_TCP && !(status & FLOWSCAN_OFFLOADED)) {
                record->flags |= FLOWSCAN_TCP_STATE;
                record->tcp_state = BPF_GET(struct nf_conn, entry, proto.tcp.state);
        }
}

/* An entry, by its first node: whether to stop. */
static __always_inline long flowscan_take(struct flowscan_shared *scan, __u64 node) {
        const __u64 entry = node - FLOWSCAN_NODES;
        struct flowscan_record *record;
        struct flowscan_tuple original, reply;
        __u64 beside = bpf_word(entry + FLOWSCAN_EXT);
        __u32 n = scan->n;

        /* others' entries, and those whose time is over: a dump leaves them out as well */
        if (bpf_word(entry + BPF_OFFSET(struct nf_conn, ct_net)) != scan->net ||
            (__s32)(BPF_GET(struct nf_conn, entry, timeout) - (__u32)bpf_jiffies64()) <= 0)
                return 0;
        if (n >= 2 * FLOWSCAN_FULL) {
                scan->error = FLOWSCAN_CROWDED;
                return 1;
        }
        /* there is room; the kernel has to see it */
        barrier_var(n);
        record = &scan->records[n % (2 * FLOWSCAN_FULL)];
        original = flowscan_tuple(node + FLOWSCAN_TUPLE);
        reply = flowscan_tuple(node + FLOWSCAN_NODE_SIZE + FLOWSCAN_TUPLE);
        flowscan_fill(record, &original, &reply, entry);
        if (beside)
                flowscan_details(record, beside);
        record->id = (__u32)(entry >> 3);

        bpf_read_barrier(&scan->barrier);
        if (!BPF_GET(struct nf_conn, entry, ct_general.use.refs.counter) ||
            bpf_word(entry + FLOWSCAN_EXT) != beside ||
            !flowscan_is_tuple(&original, node + FLOWSCAN_TUPLE) ||
            !flowscan_is_tuple(&reply, node + FLOWSCAN_NODE_SIZE + FLOWSCAN_TUPLE))
                return 0;
        scan->n = n + 1;
        return 0;
}

/* One node: each entry has two, of which the one of its original direction counts. */
static long flowscan_step(__u32 i, struct flowscan_shared **context) {
        struct flowscan_shared *scan = *context;
        __u64 node = scan->node;

        (void)i;
        if (flowscan_is_end(node))
                return flowscan_end(scan);
        if (!node) {
                scan->error = FLOWSCAN_FAULT;
                return 1;
        }
        scan->node = bpf_word(node);
        if (BPF_GET(struct nf_conntrack_tuple_hash, node, tuple.dst.dir))
                return 0;
        return flowscan_take(scan, node);
}

/**
 * flowscan_run() - copy what the next buckets have
 * @context:    not used
 *
 * Return: 0; the shared memory tells.
 */
SEC("raw_tp")
int flowscan_run(void *context) {
        struct flowscan_shared *scan = flowscan_memory();
        struct task_struct *reader = bpf_get_current_task_btf();
        __u32 bucket;

        (void)context;
        if (!scan)
                return 0;
        scan->net = (__u64)reader->nsproxy->net_ns;
        scan->n = scan->first = scan->retries = scan->error = 0;
        bucket = scan->bucket;
        if (bpf_core_type_size(struct nf_conntrack_tuple) != sizeof(struct flowscan_tuple)) {
                scan->error = FLOWSCAN_FAULT;
                return 0;
        }
        if (flowscan_head(scan, true))
                return 0;
        (void)bpf_loop(FLOWSCAN_STEPS, flowscan_step, &scan, 0);
        /* all steps are used up: the last bucket once more, in the next run */
        scan->n = scan->first;
        if (!scan->error && scan->bucket == bucket)
                scan->error = FLOWSCAN_CROWDED;
        return 0;
}
