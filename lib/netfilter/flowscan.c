/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Conntrack's entries, copied by the kernel itself.
 *
 * Owns: loading the programs of flowscan.bpf.c, running them, and the doubts: a table that was
 * replaced meanwhile (nf_conntrack_hash_resize()) is told by the entries that were read last, which
 * are looked up once more.
 * Relies on: libbpf; bpf_loop() (Linux 5.17), bpf_skb_ct_lookup() (5.18), BPF_PROG_TEST_RUN, the
 * kernel's BTF, CAP_BPF with CAP_PERFMON and CAP_NET_ADMIN, or CAP_SYS_ADMIN. A counter is read at
 * once, as there are 64 bits.
 * Does not: know an entry's number (CTA_ID). flow.id is the kernel's place for it, cut to 32 bits.
 */

#include "netfilter/flowscan.h"

#include "base/bpfobject.h"
#include "flowscan_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>

#include "netfilter/flowscan_record.h"

/* Of the entries that were read last, so many are looked up again. */
#define FLOWSCAN_WITNESSES 64

/* A packet that nobody looks at: test runs want one. */
#define FLOWSCAN_PACKET 64

struct flowscan {
        struct bpf_object *object;
        struct flowscan_shared *shared;
        int find_fd;
        int run_fd;
        uint32_t n_buckets;
        uint64_t table;
        uint32_t next; /* of the shared records, the first that was not told */
        struct flow witnesses[FLOWSCAN_WITNESSES];
        size_t n_witnesses;
};

/**
 * flowscan_new() - load the programs
 * @n_buckets:  of conntrack's table
 * @ret_scan:   the scan, to be given to flowscan_free()
 *
 * Return: 0, FLOWSCAN_E_UNAVAILABLE, or -ENOMEM.
 */
int flowscan_new(uint32_t n_buckets, struct flowscan **ret_scan) {
        _cleanup_(flowscan_freep) struct flowscan *scan = NULL;

        if (!n_buckets || n_buckets % FLOWSCAN_HEADS)
                return FLOWSCAN_E_UNAVAILABLE;
        scan = calloc(1, sizeof(*scan));
        if (!scan)
                return -ENOMEM;
        scan->n_buckets = n_buckets;
        if (bpfobject_load(flowscan_object, sizeof(flowscan_object), &scan->object) < 0)
                return FLOWSCAN_E_UNAVAILABLE;
        scan->find_fd = bpfobject_program(scan->object, "flowscan_find");
        scan->run_fd = bpfobject_program(scan->object, "flowscan_run");
        scan->shared = bpfobject_map(scan->object, "flowscan_map", sizeof(*scan->shared));
        if (!scan->shared)
                return FLOWSCAN_E_UNAVAILABLE;
        *ret_scan = pointer_steal(&scan);
        return 0;
}

/**
 * flowscan_free() - unload the programs
 * @scan:       the scan, or NULL
 *
 * Return: NULL.
 */
struct flowscan *flowscan_free(struct flowscan *scan) {
        if (!scan)
                return NULL;
        bpfobject_unmap(scan->shared, sizeof(*scan->shared));
        bpf_object__close(scan->object);
        free(scan);
        return NULL;
}

/* Where the table is that has an entry; in shared->table. */
static int flowscan_find(struct flowscan *scan, const struct flow *known) {
        char packet[FLOWSCAN_PACKET] = { 0 };
        struct bpf_test_run_opts options = {
                .sz = sizeof(options),
                .data_in = packet,
                .data_size_in = sizeof(packet),
        };
        const struct endpoint *source = &known->original.source;
        const struct endpoint *destination = &known->original.destination;
        struct flowscan_shared *shared = scan->shared;
        size_t size = source->address.family == AF_INET ? 4 : 16;

        if (known->protocol != IPPROTO_TCP && known->protocol != IPPROTO_UDP)
                return FLOWSCAN_E_UNKNOWN;
        shared->known_family = source->address.family;
        shared->known_protocol = known->protocol;
        memcpy(shared->known_words, source->address.bytes, size);
        memcpy((char *)shared->known_words + size, destination->address.bytes, size);
        shared->known_ports[0] = htons(source->port);
        shared->known_ports[1] = htons(destination->port);
        if (bpf_prog_test_run_opts(scan->find_fd, &options) < 0)
                return FLOWSCAN_E_UNAVAILABLE;
        return shared->found ? 0 : FLOWSCAN_E_UNKNOWN;
}

/**
 * flowscan_locate() - find the table, which the entries are then read from
 * @scan:       the scan
 * @known:      an entry of this network namespace
 *
 * Return: 0, FLOWSCAN_E_UNKNOWN, or FLOWSCAN_E_UNAVAILABLE.
 */
int flowscan_locate(struct flowscan *scan, const struct flow *known) {
        struct flowscan_shared *shared = scan->shared;
        int r = flowscan_find(scan, known);

        if (r)
                return r;
        scan->table = shared->table;
        shared->n_buckets = scan->n_buckets;
        shared->bucket = 0;
        shared->n = scan->next = 0;
        scan->n_witnesses = 0;
        return 0;
}

static int flowscan_way(const struct flowscan_record *record, const struct flowscan_way *from,
                        struct flow_way *ret_way) {
        struct flow_way way = {
                .source.port = from->source_port,
                .destination.port = from->destination_port,
                .counter = { .bytes = from->bytes, .packets = from->packets },
        };
        int r;

        r = address_from_bytes(record->family, from->source, &way.source.address);
        if (!r)
                r = address_from_bytes(record->family, from->destination, &way.destination.address);
        *ret_way = way;
        return r;
}

static int flowscan_flow(const struct flowscan_record *record, struct flow *ret_flow) {
        struct flow flow = {
                .started = record->started,
                .id = record->id,
                .protocol = record->protocol,
                .has_tcp_state = record->flags & FLOWSCAN_TCP_STATE,
                .replied = record->flags & FLOWSCAN_REPLIED,
                .assured = record->flags & FLOWSCAN_ASSURED,
                .has_counters = record->flags & FLOWSCAN_COUNTED,
        };
        int r;

        if (flow.has_tcp_state)
                flow.tcp_state = record->tcp_state;
        r = flowscan_way(record, &record->original, &flow.original);
        if (!r)
                r = flowscan_way(record, &record->reply, &flow.reply);
        *ret_flow = flow;
        return r;
}

/* Run on, until there is something to tell, or all was told. */
static int flowscan_next(struct flowscan *scan) {
        struct flowscan_shared *shared = scan->shared;

        while (scan->next == shared->n && shared->bucket < scan->n_buckets) {
                struct bpf_test_run_opts options = { .sz = sizeof(options) };

                scan->next = shared->n = 0;
                if (bpf_prog_test_run_opts(scan->run_fd, &options) < 0)
                        return -errno;
                if (shared->error || shared->n > 2 * FLOWSCAN_FULL)
                        return -ESTALE;
        }
        return 0;
}

/**
 * flowscan_read() - read the next entries
 * @scan:       the scan, behind flowscan_locate()
 * @flows:      room
 * @n:          for so many
 *
 * Return: how many there were, 0 at the end; -ESTALE if the table was replaced meanwhile, or
 * another negative errno.
 */
ssize_t flowscan_read(struct flowscan *scan, struct flow *flows, size_t n) {
        const struct flowscan_shared *shared = scan->shared;
        size_t i;
        int r;

        r = flowscan_next(scan);
        if (r < 0)
                return r;
        for (i = 0; i < n && scan->next < shared->n; i++) {
                if (flowscan_flow(&shared->records[scan->next++], &flows[i]) < 0)
                        return -ESTALE;
                scan->witnesses[scan->n_witnesses++ % FLOWSCAN_WITNESSES] = flows[i];
        }
        return (ssize_t)i;
}

/**
 * flowscan_confirm() - tell whether the table is still the one that was read
 * @scan:       the scan, when all was read
 *
 * Return: 0, or -ESTALE if it is not, or all of the entries that were read last have gone.
 */
int flowscan_confirm(struct flowscan *scan) {
        for (size_t i = 0; i < scan->n_witnesses && i < FLOWSCAN_WITNESSES; i++)
                if (!flowscan_find(scan, &scan->witnesses[i]))
                        return scan->shared->table == scan->table ? 0 : -ESTALE;
        return -ESTALE;
}
