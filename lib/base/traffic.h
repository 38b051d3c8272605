/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Counters of both directions of a connection: IP packets and their bytes, as netfilter counts
 * them (before segmentation offload). In = from the client to this host, out = to the client.
 */

#ifndef BASE_TRAFFIC_H
#define BASE_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

struct counter {
        uint64_t bytes;
        uint64_t packets;
};

struct traffic {
        struct counter in;
        struct counter out;
};

/* Counters that may not be known. */
struct known_traffic {
        bool known;
        struct traffic traffic;
};

struct known_counter {
        bool known;
        struct counter counter;
};

/* The counters of all TCP traffic of a local port. Where one counter has both address families, it
 * is in the place of IPv4. Odd places are the way out. */
enum { PORT_IN4, PORT_OUT4, PORT_IN6, PORT_OUT6, PORT_COUNTERS };

static inline bool counter_equal(const struct counter *a, const struct counter *b) {
        return a->bytes == b->bytes && a->packets == b->packets;
}

static inline bool traffic_equal(const struct traffic *a, const struct traffic *b) {
        return counter_equal(&a->in, &b->in) && counter_equal(&a->out, &b->out);
}

static inline bool known_traffic_equal(const struct known_traffic *a,
                                       const struct known_traffic *b) {
        return a->known == b->known && (!a->known || traffic_equal(&a->traffic, &b->traffic));
}

#endif
