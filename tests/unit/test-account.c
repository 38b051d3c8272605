/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account: whatever is flushed, zeroed or lost in mid-session, the total is what flowed as long
 * as one source saw it, and says so when none did.
 *
 * account-model.h is a little kernel that counts a connection; its truth is known, so that every
 * total can be compared with it.
 */

#include "account-model.h"

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

/* Rules that cannot be read now have lost nothing: conntrack counts alone, and where it misses
 * something, nothing is taken until they can be read. */
static void test_tables_busy(void **state) {
        struct world world = begin();
        struct account before;

        (void)state;
        look(&world, true);
        flow(&world, 100, 200);
        world.busy = true;
        look(&world, true);
        assert_int_equal(world.findings, 0);
        exact(&world);
        assert_true(account_is_settled(&world.account));

        conntrack_flush(&world, 8);
        flow(&world, 10, 20);
        before = world.account;
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_PUT_OFF);
        assert_memory_equal(&before, &world.account, sizeof(before));
        flow(&world, 10, 20);
        world.busy = false;
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_CONNTRACK_LOST);
        exact(&world);
        assert_true(world.account.whole);
        assert_true(account_is_settled(&world.account));
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
        assert_int_equal(world.findings, ACCOUNT_RULES_LOST);
        exact(&world);

        /* conntrack -z keeps the id */
        conntrack_flush(&world, 7);
        flow(&world, 5000, 5000);
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_CONNTRACK_LOST);
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

/* The rules are flushed, and with the last rule that used it conntrack stands still. */
static struct world standstill(uint64_t in, uint64_t out) {
        struct world world = begin();
        struct known_traffic still;

        look(&world, true);
        flow(&world, 1000, 1000);
        look(&world, true);
        assert_true(world.account.whole);

        still = world.conntrack;
        rules_flush(&world);
        flow(&world, in, out);
        world.conntrack = still;
        look(&world, false);
        assert_true(world.findings & ACCOUNT_LOST);
        assert_false(world.account.whole);
        return world;
}

static void test_standstill(void **state) {
        struct world world = standstill(1, 0);

        (void)state;
        assert_true(world.account.total.traffic.in.bytes > world.truth.in.bytes - 100);
        assert_true(world.account.total.traffic.in.bytes <= world.truth.in.bytes);
        assert_int_equal(world.account.total.traffic.out.bytes, world.truth.out.bytes);

        world = standstill(0, 1);
        assert_true(world.account.total.traffic.out.bytes > world.truth.out.bytes - 100);
        assert_true(world.account.total.traffic.out.bytes <= world.truth.out.bytes);
        assert_int_equal(world.account.total.traffic.in.bytes, world.truth.in.bytes);
}

/* A look at rules that were read before TCP, while data flows, and conntrack just flushed. */
static void test_stale(void **state) {
        struct world world = begin();
        struct sample sample;

        (void)state;
        look(&world, true);
        sample = (struct sample){ .rules = world.rules, .conntrack_id = -1, .stale = true };
        flow(&world, 1000, 1000);
        sample.info = world.info;
        assert_int_equal(account_update(&world.account, &sample, AF_INET), ACCOUNT_CONNTRACK_LOST);
        assert_true(world.account.whole);

        world.conntrack.known = false;
        look(&world, true);
        exact(&world);
        assert_true(world.account.whole);
}

/* TCP counts as sent what found no route; a RST at the end has no timestamps. */
static void test_tcp_ahead(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        world.info.out_bytes += 5000;
        look(&world, true);
        assert_int_equal(world.findings, 0);
        exact(&world);
        world.info.out_bytes -= 5000;

        /* 30 RSTs to what was on its way: 40 bytes each */
        world.truth.in.packets += 30;
        world.truth.in.bytes += (uint64_t)30 * 40;
        world.rules.traffic.in.packets += 30;
        world.rules.traffic.in.bytes += (uint64_t)30 * 40;
        world.conntrack.traffic.in = world.rules.traffic.in;
        world.conntrack.traffic.in.packets += 13;
        world.conntrack.traffic.in.bytes += 1300;
        world.info.known = false;
        world.reset = true;
        look(&world, false);
        assert_int_equal(world.findings & ACCOUNT_LOST, 0);
        exact(&world);
        assert_true(world.account.whole);
}

/* Zeroed, and grown since, in a look that is not quiet: a quiet one has to tell. */
static void test_uneven(void **state) {
        struct world world = begin();

        (void)state;
        look(&world, true);
        flow(&world, 100, 100);
        rules_zero(&world);
        flow(&world, 200, 200);
        world.stale = true;
        look(&world, false);
        assert_int_equal(world.findings, ACCOUNT_UNEVEN);
        world.stale = false;
        exact(&world);
        look(&world, true);
        assert_int_equal(world.findings, ACCOUNT_RULES_LOST);
        conntrack_flush(&world, 9);
        flow(&world, 3, 3);
        look(&world, true);
        exact(&world);
        assert_true(world.account.whole);

        /* the other way round TCP tells, too: conntrack was read after it, and has less */
        conntrack_flush(&world, 9);
        flow(&world, 500, 500);
        world.stale = true;
        look(&world, false);
        assert_int_equal(world.findings, ACCOUNT_CONNTRACK_LOST);
        exact(&world);
        assert_true(world.account.whole);
        assert_false(account_is_settled(&world.account));
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
                cmocka_unit_test(test_nothing),       cmocka_unit_test(test_standstill),
                cmocka_unit_test(test_stale),         cmocka_unit_test(test_tcp_ahead),
                cmocka_unit_test(test_uneven),        cmocka_unit_test(test_tables_busy),
        };

        return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
