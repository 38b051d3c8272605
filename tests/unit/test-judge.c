/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which source is right, where the two differ: somebody sends with the client's addresses,
 * conntrack's entry has been another connection's, the packets do not leave the host.
 */

#include "account-model.h"

/* What somebody sends with the client's addresses: the rules count it, conntrack and TCP do not. */
static void test_foreign(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        flow(&world, 100, 100);
        spoof(&world, 500, 1400);
        world.stale = true;
        look(&world, false);
        assert_int_equal(world.findings, ACCOUNT_UNEVEN);
        exact(&world);
        world.stale = false;
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_FOREIGN);
        exact(&world);
        assert_true(world.account.whole);

        /* from here on the rules would do again, without it */
        conntrack_flush(&world, 9);
        flow(&world, 3, 4);
        look(&world, true);
        exact(&world);
        assert_true(world.account.whole);

        /* as if conntrack had lost what is no payload: nothing tells */
        spoof(&world, 5, 12);
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_DIFFERENT);
        exact(&world);
        assert_false(world.account.whole);
        assert_int_equal(world.account.cause, ACCOUNT_CAUSE_DIFFER);
}

/* Without conntrack nothing but TCP tells that the rules have too much. */
static void test_foreign_alone(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        world.conntrack.known = false;
        flow(&world, 100, 100);
        look(&world, true);
        exact(&world);
        assert_true(world.account.whole);
        spoof(&world, 500, 1400);
        look(&world, true);
        assert_true(world.findings & ACCOUNT_STRANGE);
        assert_int_equal(world.account.cause, ACCOUNT_CAUSE_FOREIGN);
}

/* Conntrack's entry has been another connection's before, whose end it did not see. */
static void test_strange(void **state) {
        struct world world = begin();

        (void)state;
        world.conntrack.traffic.out.bytes += 4000000;
        world.conntrack.traffic.out.packets += 300;
        world.account.total = world.account.conntrack_last = world.conntrack;
        look(&world, true);
        assert_true(world.findings & ACCOUNT_STRANGE);
        assert_false(world.account.whole);
        assert_int_equal(world.account.cause, ACCOUNT_CAUSE_FOREIGN);
        assert_in_range(world.account.total.traffic.out.bytes, world.truth.out.bytes,
                        world.truth.out.bytes + 300);
        /* what flows from then on is exact; the offset is below 0 */
        world.truth = world.account.total.traffic;
        for (int i = 0; i < 3; i++) {
                flow(&world, 100, 100);
                look(&world, i % 2);
                exact(&world);
        }
}

/* To itself: segments are cut between the hooks, and conntrack's is the first. */
static void test_loopback(void **state) {
        struct world world = begin();

        (void)state;
        world.loopback = true;
        look(&world, true);
        flow(&world, 100, 100);
        world.rules.traffic.in.packets -= 10;
        world.rules.traffic.in.bytes -= (uint64_t)10 * 52;
        look(&world, true);
        assert_int_equal(world.findings, 0);
        exact(&world);
        assert_true(world.account.whole);
}

/* An offset that does not go with its counter is none. */
static void test_wrong_offset(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        world.account.conntrack_offset.traffic.in.bytes = (uint64_t)-1000000;
        flow(&world, 5, 5);
        look(&world, true);
        exact(&world);
        assert_true(world.account.whole);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_foreign),      cmocka_unit_test(test_foreign_alone),
                cmocka_unit_test(test_strange),      cmocka_unit_test(test_loopback),
                cmocka_unit_test(test_wrong_offset),
        };

        return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
