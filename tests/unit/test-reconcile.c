/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From readings to a total: which source is believed when, and what makes it complete.
 */

#include "session/reconcile.h"
#include "unit.h"

static struct known_traffic traffic(uint64_t in, uint64_t out) {
        return (struct known_traffic){ true, { { in, in / 100 }, { out, out / 100 } } };
}

static void check(const struct readings *readings, bool known, uint64_t in, uint64_t out,
                  bool complete, unsigned int findings) {
        struct reconciled result;

        reconcile(readings, &result);
        assert_int_equal(result.total.known, known);
        if (known) {
                assert_int_equal(result.total.traffic.in.bytes, in);
                assert_int_equal(result.total.traffic.in.packets, in / 100);
                assert_int_equal(result.total.traffic.out.bytes, out);
                assert_int_equal(result.total.traffic.out.packets, out / 100);
        }
        assert_int_equal(result.complete, complete);
        assert_int_equal(result.findings, findings);
}

static struct readings all(void) {
        return (struct readings){
                .rules = traffic(1000, 2000),
                .offset = traffic(300, 400),
                .offset_exact = true,
                .conntrack = traffic(1300, 2400),
                .conntrack_whole = true,
                .ended = true,
        };
}

static void test_agree(void **state) {
        struct readings readings = all();

        (void)state;
        check(&readings, true, 1300, 2400, true, 0);
        readings.ended = false;
        check(&readings, true, 1300, 2400, false, 0);
}

/* One of the two lost something: the larger counts, per direction, and the log says so. */
static void test_differ(void **state) {
        struct readings readings = all();

        (void)state;
        readings.conntrack = traffic(1200, 2600);
        check(&readings, true, 1300, 2600, true, RECONCILE_DIFFERENT);
}

static void test_one_source(void **state) {
        struct readings readings = all();

        (void)state;
        readings.conntrack.known = false;
        check(&readings, true, 1300, 2400, true, 0);

        readings = all();
        readings.rules.known = false;
        check(&readings, true, 1300, 2400, true, 0);

        readings.conntrack.known = false;
        check(&readings, false, 0, 0, false, 0);
}

/* Traffic never paused at open: the offset may be too large, and conntrack settles it. */
static void test_inexact_offset(void **state) {
        struct readings readings = all();

        (void)state;
        readings.offset = traffic(500, 900);
        readings.offset_exact = false;
        check(&readings, true, 1300, 2400, true, 0);

        readings.conntrack.known = false;
        check(&readings, true, 1500, 2900, false, 0);
}

/* Conntrack's entry began in mid-session: it can only tell less than the rules. */
static void test_partial_conntrack(void **state) {
        struct readings readings = all();

        (void)state;
        readings.conntrack = traffic(100, 100);
        readings.conntrack_whole = false;
        check(&readings, true, 1300, 2400, true, 0);

        readings.offset_exact = false;
        check(&readings, true, 1300, 2400, false, 0);

        readings.rules.known = false;
        check(&readings, true, 100, 100, false, 0);
}

static void test_below_payload(void **state) {
        struct readings readings = all();

        (void)state;
        readings.info = (struct tcpinfo){ .known = true, .in_bytes = 1200, .out_bytes = 2300 };
        check(&readings, true, 1300, 2400, true, 0);
        readings.info.out_bytes = 2500;
        check(&readings, true, 1300, 2400, false, RECONCILE_SHORT);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_agree),
                cmocka_unit_test(test_differ),
                cmocka_unit_test(test_one_source),
                cmocka_unit_test(test_inexact_offset),
                cmocka_unit_test(test_partial_conntrack),
                cmocka_unit_test(test_below_payload),
        };

        return cmocka_run_group_tests_name("reconcile", tests, NULL, NULL);
}
