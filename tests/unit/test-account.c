/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account: whatever is flushed, zeroed or lost in mid-session, the total is what flowed as long
 * as one source saw it, and says so when none did.
 *
 * A little model of a kernel counts a connection: rules and conntrack, each of which can be reset,
 * and TCP. The truth is known, so every total can be compared with it.
 */

#include "session/account.h"
#include "unit.h"

#include <string.h>

struct world {
        struct traffic truth;
        struct known_traffic rules;
        struct known_traffic conntrack;
        int64_t conntrack_id;
        struct tcpinfo info;
        struct account account;
        unsigned int findings;
};

/* Packets of 100 bytes, 48 of them payload; TCP's own view is not quite the same. */
static void flow(struct world *world, uint64_t in, uint64_t out) {
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
        world->info.out_segments += out;
}

static void look(struct world *world, bool quiet) {
        struct sample sample = {
                .rules = world->rules,
                .conntrack = world->conntrack,
                .conntrack_id = world->conntrack.known ? world->conntrack_id : -1,
                .info = world->info,
                .quiet = quiet && world->rules.known,
        };

        world->findings = account_update(&world->account, &sample, AF_INET);
}

static void rules_flush(struct world *world) {
        memset(&world->rules, 0, sizeof(world->rules));
}

static void rules_install(struct world *world) {
        memset(&world->rules, 0, sizeof(world->rules));
        world->rules.known = true;
}

static void rules_zero(struct world *world) {
        memset(&world->rules.traffic, 0, sizeof(world->rules.traffic));
}

static void conntrack_flush(struct world *world, int64_t id) {
        memset(&world->conntrack.traffic, 0, sizeof(world->conntrack.traffic));
        world->conntrack_id = id;
}

/* A connection with some pre-auth traffic, rules just installed. */
static struct world begin(void) {
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

static void exact(const struct world *world) {
        assert_true(world->account.total.known);
        assert_int_equal(world->account.total.traffic.in.bytes, world->truth.in.bytes);
        assert_int_equal(world->account.total.traffic.in.packets, world->truth.in.packets);
        assert_int_equal(world->account.total.traffic.out.bytes, world->truth.out.bytes);
        assert_int_equal(world->account.total.traffic.out.packets, world->truth.out.packets);
}

static void test_plain(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        assert_true(account_is_settled(&world.account));
        for (uint64_t i = 1; i < 5; i++) {
                flow(&world, 10 * i, 1000);
                look(&world, i % 2);
                assert_int_equal(world.findings, 0);
                exact(&world);
        }
        assert_true(world.account.whole);
}

/* Traffic does not pause while the rules are installed: conntrack stands in, and settles it later.
 */
static void test_busy_start(void **state) {
        struct world world = begin();

        (void)state;
        for (int i = 0; i < 3; i++) {
                flow(&world, 5, 7);
                look(&world, false);
                assert_false(account_is_settled(&world.account));
                exact(&world);
        }
        flow(&world, 5, 7);
        look(&world, true);
        assert_true(account_is_settled(&world.account));
        exact(&world);

        /* from here on the rules alone would do */
        world.conntrack.known = false;
        flow(&world, 100, 100);
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_CONNTRACK_LOST);
        exact(&world);
        assert_true(world.account.whole);
}

static void test_rules_flushed(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        flow(&world, 100, 200);
        rules_flush(&world);
        flow(&world, 10, 20);
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_RULES_LOST);
        exact(&world);

        /* put back, they are as good as before */
        rules_install(&world);
        look(&world, true);
        assert_int_equal(world.findings, 0);
        assert_true(account_is_settled(&world.account));
        flow(&world, 3, 4);
        conntrack_flush(&world, 8);
        flow(&world, 5, 6);
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_CONNTRACK_LOST);
        exact(&world);
        assert_true(world.account.whole);
}

static void test_zeroed(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        flow(&world, 100, 200);
        look(&world, true);

        rules_zero(&world);
        flow(&world, 10, 20);
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_RULES_LOST);
        exact(&world);

        /* zeroed, and then more than before: seen by comparison alone */
        rules_zero(&world);
        flow(&world, 1000, 2000);
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_DIFFERENT);
        exact(&world);

        /* conntrack -z keeps the id */
        conntrack_flush(&world, 7);
        flow(&world, 5000, 5000);
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_DIFFERENT);
        exact(&world);
        assert_true(account_is_settled(&world.account));
        assert_true(world.account.whole);
}

/* One after the other, with a look in between: nothing is lost. */
static void test_in_turns(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        for (int i = 0; i < 20; i++) {
                flow(&world, 50, 60);
                if (i % 2)
                        rules_zero(&world);
                else
                        conntrack_flush(&world, 8 + i);
                flow(&world, 3, 2);
                look(&world, true);
                exact(&world);
                assert_true(world.account.whole);
                assert_true(account_is_settled(&world.account));
        }
}

/* Both between two looks: what is missing is near what TCP saw, and the account says so. */
static void test_both(void **state) {
        struct world world = begin();
        uint64_t payload;

        (void)state;
        look(&world, true);
        flow(&world, 10000, 20000);
        rules_flush(&world);
        conntrack_flush(&world, 8);
        flow(&world, 10, 20);
        look(&world, true);
        assert_true(world.findings & ACCOUNT_LOST);
        assert_false(world.account.whole);

        payload = world.info.in_bytes;
        assert_in_range(world.account.total.traffic.in.bytes, payload,
                        world.truth.in.bytes + world.truth.in.bytes / 10);

        /* once lost, never whole again, but it goes on from there */
        rules_install(&world);
        look(&world, true);
        payload = world.account.total.traffic.in.bytes;
        flow(&world, 50, 60);
        look(&world, true);
        assert_int_equal(world.account.total.traffic.in.bytes, payload + 5000);
        assert_false(world.account.whole);
}

/* Both zeroed and grown since: only TCP's payload tells. */
static void test_both_unseen(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        rules_zero(&world);
        flow(&world, 20000, 20000);
        rules_zero(&world);
        conntrack_flush(&world, 7);
        flow(&world, 2000, 2000);
        look(&world, true);
        assert_true(world.findings & ACCOUNT_LOST);
        assert_false(world.account.whole);
        assert_true(world.account.total.traffic.in.bytes >= world.info.in_bytes);
}

/* No conntrack counters at all: TCP's estimate of what was before the rules, and the rules. */
static void test_no_conntrack(void **state) {
        struct world world = begin();
        struct traffic first;

        (void)state;
        world.conntrack.known = false;
        memset(&world.account, 0, sizeof(world.account));
        world.account.conntrack_id = -1;
        world.account.total = (struct known_traffic){ true, { { 5000, 13 }, { 6000, 11 } } };
        world.account.info = world.info;
        first = world.account.total.traffic;
        look(&world, true);
        flow(&world, 100, 200);
        look(&world, true);
        assert_int_equal(world.account.total.traffic.in.bytes, first.in.bytes + 10000);
        assert_int_equal(world.account.total.traffic.out.packets, first.out.packets + 200);
        assert_false(world.account.whole);
}

static void test_nothing(void **state) {
        struct account account = { .conntrack_id = -1 };
        struct sample sample = { .conntrack_id = -1 };

        (void)state;
        assert_int_equal(account_update(&account, &sample, AF_INET), ACCOUNT_LOST);
        assert_false(account.total.known);
        assert_false(account.whole);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plain),         cmocka_unit_test(test_busy_start),
                cmocka_unit_test(test_rules_flushed), cmocka_unit_test(test_zeroed),
                cmocka_unit_test(test_in_turns),      cmocka_unit_test(test_both),
                cmocka_unit_test(test_both_unseen),   cmocka_unit_test(test_no_conntrack),
                cmocka_unit_test(test_nothing),
        };

        return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
