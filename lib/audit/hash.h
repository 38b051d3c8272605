/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The hash of the tables in this room.
 *
 * It has a seed, because users can choose tuples by opening connections, and could otherwise make
 * all of them collide.
 */

#ifndef AUDIT_HASH_H
#define AUDIT_HASH_H

#include "net/address.h"

#include <stdint.h>
#include <string.h>

/* The steps of splitmix64 (Steele, Lea, Flood, 2014): each bit of the sum reaches all others. */
static inline uint64_t hash_number(uint64_t seed, uint64_t number) {
        uint64_t x = (seed ^ number) + UINT64_C(0x9e3779b97f4a7c15);

        x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
        return x ^ x >> 31;
}

static inline uint64_t hash_endpoint(uint64_t seed, const struct endpoint *endpoint) {
        uint64_t words[2];

        memcpy(words, endpoint->address.bytes, sizeof(words));
        seed = hash_number(seed, words[0] ^ (uint64_t)endpoint->address.family << 48);
        /* each in a step of its own: who has a /64 could make an address undo what a port does */
        return hash_number(hash_number(seed, words[1]), endpoint->port);
}

static inline uint64_t hash_connection(uint64_t seed, uint8_t protocol,
                                       const struct connection *connection) {
        return hash_endpoint(hash_endpoint(seed + protocol, &connection->local),
                             &connection->remote);
}

#endif
