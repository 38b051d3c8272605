/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A walk through conntrack's table.
 *
 * Owns: which way it is read: a large table is copied by the kernel (flowscan.h), where it can;
 * otherwise it is dumped by netlink (flowdump.h). A thread of its own prepares that, and reads
 * ahead: the kernel works in the thread that asks.
 * Does not: mix the two. A copy that turns out wrong before an entry was told is forgotten; later,
 * the walk says so.
 */

#include "netfilter/flowdump.h"
#include "netfilter/flowscan.h"
#include "pam_traffic/conntrack.h"
#include "pam_traffic/pump.h"

#include <errno.h>
#include <semaphore.h>

#define FLOW_PART FLOWDUMP_PART
#define FLOW_PARTS 64

/* With fewer entries, loading the programs takes longer than the dump. */
#define FLOW_LARGE 16384

struct flow_walk {
        int proc_fd;
        bool ids;
        struct pump *pump;
        sem_t begin;
        bool stop;
        /* the thread's own, until a part was handed over: */
        bool began, read;
        uint32_t buckets; /* when it began; 0: not known */
        struct flowscan *scan;
        struct flowdump *dump;
        /* the reader's: */
        flow_take take;
        void *context;
        bool changed;
};

/* Without ctnetlink, nfnetlink_rcv_msg() says EINVAL. */
static int flow_error(int error) {
        switch (error) {
        case EINVAL:
        case EOPNOTSUPP:
        case EPROTONOSUPPORT:
                return FLOW_E_UNAVAILABLE;
        case ESTALE:
                return FLOW_E_CHANGED;
        case EAGAIN:
                return -ETIMEDOUT;
        default:
                return -error;
        }
}

/*
 * How many places the table has. Another number: entries were moved, and the kernel's dump, which
 * does not say so, has missed some.
 */
static uint32_t flow_buckets(const struct flow_walk *walk) {
        uint32_t entries, buckets;

        return conntrack_size_get(walk->proc_fd, &entries, &buckets) ? 0 : buckets;
}

/* Told entries, until one is known to the scan: then it has the table. */
static int flow_locate(void *context, const struct flow *flows, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (!flowscan_locate(context, &flows[i]))
                        return FLOWDUMP_DONE;
        return 0;
}

/* Load the programs, and find the table by one of the entries that are dumped first. */
static int flow_prepare(const struct flow_walk *walk, struct flowscan **ret_scan) {
        _cleanup_(flowscan_freep) struct flowscan *scan = NULL;
        _cleanup_(flowdump_freep) struct flowdump *dump = NULL;
        _cleanup_(freep) char *part = NULL;
        uint32_t entries, buckets;
        bool changed = false;
        ssize_t n;

        if (walk->ids || conntrack_size_get(walk->proc_fd, &entries, &buckets) ||
            entries < FLOW_LARGE)
                return FLOWSCAN_E_UNAVAILABLE;
        part = malloc(FLOWDUMP_PART);
        if (!part || flowscan_new(buckets, &scan) || flowdump_new(&dump) < 0)
                return FLOWSCAN_E_UNAVAILABLE;
        n = flowdump_read(dump, part, FLOWDUMP_PART);
        if (n <= 0 || flowdump_tell(part, (size_t)n, flow_locate, scan, &changed) != FLOWDUMP_DONE)
                return FLOWSCAN_E_UNAVAILABLE;
        *ret_scan = pointer_steal(&scan);
        return 0;
}

static ssize_t flow_scan(struct flow_walk *walk, void *part, size_t size) {
        ssize_t n = flowscan_read(walk->scan, part, size / sizeof(struct flow));

        if (!n)
                return flowscan_confirm(walk->scan);
        return n < 0 ? n : n * (ssize_t)sizeof(struct flow);
}

/* In the thread: what comes next. */
static ssize_t flow_fill(void *context, void *part, size_t size) {
        struct flow_walk *walk = context;
        ssize_t n;

        if (!walk->began) {
                (void)flow_prepare(walk, &walk->scan);
                (void)sem_wait(&walk->begin);
                walk->began = true;
                if (walk->stop)
                        return 0;
                walk->buckets = flow_buckets(walk);
        }
        if (walk->scan) {
                n = flow_scan(walk, part, size);
                if (n > 0)
                        walk->read = true;
                if (n >= 0 || walk->read)
                        return n;
                walk->scan = flowscan_free(walk->scan);
        }
        if (!walk->dump) {
                n = flowdump_new(&walk->dump);
                if (n < 0)
                        return n;
        }
        return flowdump_read(walk->dump, part, size);
}

static int flow_take_part(void *context, const void *part, size_t size) {
        struct flow_walk *walk = context;

        if (walk->scan)
                return walk->take(walk->context, part, size / sizeof(struct flow));
        return flowdump_tell(part, size, walk->take, walk->context, &walk->changed);
}

/**
 * flow_walk_new() - prepare to read all entries of this network namespace
 * @proc_fd:    an open /proc; it must stay
 * @ids:        whether flow.id is to be the same for an entry in every walk
 * @ret_walk:   the walk, to be given to flow_walk_free()
 *
 * Return: 0 or a negative errno.
 */
int flow_walk_new(int proc_fd, bool ids, struct flow_walk **ret_walk) {
        _cleanup_(flow_walk_freep) struct flow_walk *walk = calloc(1, sizeof(*walk));
        int r;

        if (!walk)
                return -ENOMEM;
        walk->proc_fd = proc_fd;
        walk->ids = ids;
        (void)sem_init(&walk->begin, 0, 0);
        r = pump_new(flow_fill, walk, FLOW_PART, FLOW_PARTS, &walk->pump);
        if (r < 0)
                return r;
        *ret_walk = pointer_steal(&walk);
        return 0;
}

/**
 * flow_walk_free() - end a walk
 * @walk:       the walk, or NULL
 *
 * Return: NULL.
 */
struct flow_walk *flow_walk_free(struct flow_walk *walk) {
        if (!walk)
                return NULL;
        if (walk->pump) {
                walk->stop = true;
                (void)sem_post(&walk->begin);
                (void)pump_free(walk->pump);
        }
        (void)flowscan_free(walk->scan);
        (void)flowdump_free(walk->dump);
        (void)sem_destroy(&walk->begin);
        free(walk);
        return NULL;
}

/**
 * flow_walk_begin() - begin to read: what is told is not older than this
 * @walk:       the walk
 */
void flow_walk_begin(struct flow_walk *walk) {
        (void)sem_post(&walk->begin);
}

/**
 * flow_walk_finish() - tell all entries
 * @walk:       the walk, which was begun
 * @take:       told each
 * @context:    handed to @take
 *
 * An entry that is there all the time is told once; while others come and go, the kernel may tell
 * one twice within the next few.
 *
 * Return: 0, FLOW_E_UNAVAILABLE, FLOW_E_CHANGED after all that could be were told, what @take
 * returned, or a negative errno; -EPERM without CAP_NET_ADMIN.
 */
int flow_walk_finish(struct flow_walk *walk, flow_take take, void *context) {
        int r;

        walk->take = take;
        walk->context = context;
        r = pump_drain(walk->pump, flow_take_part, walk);
        if (r == FLOWDUMP_DONE || (!r && walk->scan))
                return walk->changed || walk->buckets != flow_buckets(walk) ? FLOW_E_CHANGED : 0;
        return r < 0 ? flow_error(-r) : r ? r : -EBADMSG;
}
