/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account of a local port, over counters that come, go, and begin anew: never more than was
 * counted, nothing negative, and what is missed makes it incomplete.
 */

#include "account/portaccount.h"
#include "unit.h"

#define COUNTER(bytes, packets)        \
        {                              \
                true, {                \
                        bytes, packets \
                }                      \
        }

static struct portstate *fresh(void) {
        struct portstate *state;

        assert_int_equal(portstate_new(22, &state), 0);
        assert_int_equal(portstate_begin(state, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "boot",
                                         "iptables"),
                         0);
        return state;
}

static void check(const struct portstate *state, uint64_t in, uint64_t out, bool whole) {
        assert_int_equal(state->total.traffic.in.bytes, in);
        assert_int_equal(state->total.traffic.out.bytes, out);
        assert_int_equal(state->whole, whole);
}

/* The records that a reap would write: the sum of what they tell is the total. */
static void report(struct portstate *state) {
        state->reported = state->total;
        state->whole = true;
}

static void test_made(void **unused) {
        _cleanup_(portstate_freep) struct portstate *state = fresh();
        struct known_counter port[PORT_COUNTERS] = { COUNTER(100, 1), COUNTER(200, 2) };

        (void)unused;
        /* counters that we have made began at 0 */
        portaccount_made(state, 1U << PORT_IN4 | 1U << PORT_OUT4);
        assert_false(portaccount_moved(state));
        assert_int_equal(portaccount_update(state, port), PORTACCOUNT_CHANGED);
        check(state, 100, 200, true);
        assert_true(portaccount_moved(state));
        assert_int_equal(state->total.traffic.out.packets, 2);
        report(state);
        assert_int_equal(portaccount_update(state, port), 0);
        assert_false(portaccount_moved(state));

        /* the other family joins in, and the sum is both */
        portaccount_made(state, 1U << PORT_IN6 | 1U << PORT_OUT6);
        port[PORT_IN6] = (struct known_counter)COUNTER(7, 1);
        port[PORT_OUT6] = (struct known_counter)COUNTER(9, 1);
        port[PORT_IN4] = (struct known_counter)COUNTER(150, 2);
        assert_int_equal(portaccount_update(state, port), PORTACCOUNT_CHANGED);
        check(state, 157, 209, true);
}

/* How old they are nobody knows: what they counted before is not this account's. */
static void test_old(void **unused) {
        _cleanup_(portstate_freep) struct portstate *state = fresh();
        struct known_counter port[PORT_COUNTERS] = { COUNTER(1000, 10), COUNTER(2000, 20) };

        (void)unused;
        assert_int_equal(portaccount_update(state, port), PORTACCOUNT_CHANGED);
        check(state, 0, 0, true);
        port[PORT_IN4].counter = (struct counter){ 1001, 11 };
        assert_int_equal(portaccount_update(state, port), PORTACCOUNT_CHANGED);
        check(state, 1, 0, true);
}

static void test_fell(void **unused) {
        static const struct counter less[] = { { 40, 3 }, { 40, 5 }, { 600, 4 }, { 0, 0 } };

        (void)unused;
        for (size_t i = 0; i < UNIT_COUNT(less); i++) {
                _cleanup_(portstate_freep) struct portstate *state = fresh();
                struct known_counter port[PORT_COUNTERS] = { COUNTER(500, 5), COUNTER(900, 9) };

                portaccount_made(state, 1U << PORT_IN4 | 1U << PORT_OUT4);
                (void)portaccount_update(state, port);
                report(state);
                port[PORT_IN4].counter = less[i];
                assert_int_equal(portaccount_update(state, port),
                                 PORTACCOUNT_CHANGED | PORTACCOUNT_MISSED);
                check(state, 500 + less[i].bytes, 900, false);
                assert_true(portaccount_moved(state));
                /* then it goes on from there */
                report(state);
                port[PORT_IN4].counter.bytes += 10;
                assert_int_equal(portaccount_update(state, port), PORTACCOUNT_CHANGED);
                check(state, 510 + less[i].bytes, 900, true);
        }
}

static void test_gone(void **unused) {
        _cleanup_(portstate_freep) struct portstate *state = fresh();
        struct known_counter port[PORT_COUNTERS] = { COUNTER(500, 5), COUNTER(900, 9) };

        (void)unused;
        portaccount_made(state, 1U << PORT_IN4 | 1U << PORT_OUT4);
        (void)portaccount_update(state, port);
        report(state);
        assert_int_equal(portaccount_update(state, NULL), PORTACCOUNT_MISSED);
        check(state, 500, 900, false);

        /* made again; also if it has counted more than its predecessor, all of it is new */
        portaccount_made(state, 1U << PORT_IN4 | 1U << PORT_OUT4);
        report(state);
        port[PORT_IN4].counter = (struct counter){ 5000, 50 };
        port[PORT_OUT4].counter = (struct counter){ 1, 1 };
        assert_int_equal(portaccount_update(state, port), PORTACCOUNT_CHANGED);
        check(state, 5500, 901, true);

        /* one way alone */
        report(state);
        port[PORT_OUT4].known = false;
        assert_int_equal(portaccount_update(state, port), PORTACCOUNT_MISSED);
        check(state, 5500, 901, false);
}

/* A login finds the rules gone, and makes them, before a reap has seen that. */
static void test_made_again(void **unused) {
        _cleanup_(portstate_freep) struct portstate *state = fresh();
        struct known_counter port[PORT_COUNTERS] = { COUNTER(500, 5), COUNTER(900, 9) };

        (void)unused;
        portaccount_made(state, 1U << PORT_IN4 | 1U << PORT_OUT4);
        assert_true(state->whole);
        (void)portaccount_update(state, port);
        portaccount_made(state, 1U << PORT_IN4);
        assert_false(state->whole);
        port[PORT_IN4].counter = (struct counter){ 800, 8 };
        (void)portaccount_update(state, port);
        check(state, 1300, 900, false);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_made),       cmocka_unit_test(test_old),
                cmocka_unit_test(test_fell),       cmocka_unit_test(test_gone),
                cmocka_unit_test(test_made_again),
        };

        return cmocka_run_group_tests_name("portaccount", tests, NULL, NULL);
}
