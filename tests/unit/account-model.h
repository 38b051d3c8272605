/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A little model of a kernel that counts a connection: rules and conntrack, each of which can be
 * reset, and TCP. For test-account.c and
 * test-judge.c.
 */

#ifndef PAM_TRAFFIC_TESTS_ACCOUNT_MODEL_H
#define PAM_TRAFFIC_TESTS_ACCOUNT_MODEL_H

#include "account/account.h"
#include "unit.h"

#include <string.h>

struct world {
        struct traffic truth;
        struct known_traffic rules;
        struct known_traffic conntrack;
        int64_t conntrack_id;
        struct tcpinfo info;
        bool reset;
        bool stale;
        bool loopback;
        bool busy; /* somebody else has the tables */
        struct account account;
        unsigned int findings;
};

/* Packets of 100 bytes, 48 of them payload; TCP's own view is not quite the same. */
static inline void flow(struct world *world, uint64_t in, uint64_t out) {
        struct counter add_in = { in * 100, in }, add_out = { out * 100, out };
        struct traffic *all[] = { &world->truth, &world->rules.traffic, &world->conntrack.traffic };

        for (size_t i = 0; i < UNIT_COUNT(all); i++) {
                all[i]->in.bytes += add_in.bytes;
                all[i]->in.packets += add_in.packets;
                all[i]->out.bytes += add_out.bytes;
                all[i]->out.packets += add_out.packets;
        }
        if (!world->rules.known)
                memset(&world->rules.traffic, 0, sizeof(world->rules.traffic));
        world->info.in_bytes += in * 48;
        world->info.in_segments += in;
        world->info.out_bytes += out * 48;
        world->info.acked_bytes = world->info.out_bytes;
        world->info.out_segments += out;
}

static inline void look(struct world *world, bool quiet) {
        struct sample sample = {
                .rules = world->busy ? (struct known_traffic){ 0 } : world->rules,
                .busy = world->busy,
                .conntrack = world->conntrack,
                .conntrack_id = world->conntrack.known ? world->conntrack_id : -1,
                .info = world->info,
                .after = quiet ? world->info : (struct tcpinfo){ 0 },
                .reset = world->reset,
                .stale = world->stale,
                .loopback = world->loopback,
                .quiet = quiet && world->rules.known && !world->busy,
        };

        world->findings = account_update(&world->account, &sample, AF_INET);
}

/* Packets that neither TCP nor conntrack takes. */
static inline void spoof(struct world *world, uint64_t packets, uint64_t payload) {
        world->rules.traffic.in.packets += packets;
        world->rules.traffic.in.bytes += packets * (payload + 40);
}

static inline void rules_flush(struct world *world) {
        memset(&world->rules, 0, sizeof(world->rules));
}

static inline void rules_install(struct world *world) {
        memset(&world->rules, 0, sizeof(world->rules));
        world->rules.known = true;
}

static inline void rules_zero(struct world *world) {
        memset(&world->rules.traffic, 0, sizeof(world->rules.traffic));
}

static inline void conntrack_flush(struct world *world, int64_t id) {
        memset(&world->conntrack.traffic, 0, sizeof(world->conntrack.traffic));
        world->conntrack_id = id;
}

/* A connection with some pre-auth traffic, rules just installed. */
static inline struct world begin(void) {
        struct world world = {
                .conntrack = { .known = true },
                .conntrack_id = 7,
                .info = { .known = true, .timestamps = true },
        };

        flow(&world, 13, 11);
        world.account.total = world.conntrack;
        world.account.whole = true;
        world.account.conntrack_last = world.conntrack;
        world.account.conntrack_offset.known = true;
        world.account.conntrack_whole = true;
        world.account.conntrack_id = 7;
        world.account.info = world.info;
        rules_install(&world);
        return world;
}

static inline void exact(const struct world *world) {
        assert_true(world->account.total.known);
        assert_int_equal(world->account.total.traffic.in.bytes, world->truth.in.bytes);
        assert_int_equal(world->account.total.traffic.in.packets, world->truth.in.packets);
        assert_int_equal(world->account.total.traffic.out.bytes, world->truth.out.bytes);
        assert_int_equal(world->account.total.traffic.out.packets, world->truth.out.packets);
}

#endif
