/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a reading of the kernel's rows means for the accounts: nothing is lost, nothing counts
 * twice, whatever happens to the rows, the map and the host in between.
 */

#include "base/patience.h"
#include "store/fields.h"
#include "unit.h"
#include "userledger/useraccounts.h"

#include <string.h>

#define BOOT "b6f7d6a4-0000-4000-8000-000000000000"
#define BOOT2 "b6f7d6a4-0000-4000-8000-000000000001"

static struct useraccounts_reading reading = {
        .boot_id = BOOT,
        .map = 1,
        .realtime = 1700000000000000,
        .boottime = 1000,
        .whole = true,
};

static struct usermap_row row(uint32_t uid, uint32_t session, uint16_t who, uint16_t excluded,
                              uint64_t bytes) {
        return (struct usermap_row){
                { uid, session, uid, who, excluded },
                { { bytes, bytes / 100 }, { 2 * bytes, bytes / 50 } },
        };
}

static struct userstate *begin(void) {
        struct userstate *state;

        reading.boot_id = BOOT;
        reading.map = 1;
        reading.boottime = 1000;
        reading.lost = 0;
        reading.whole = true;
        assert_int_equal(userstate_new(&state), 0);
        return state;
}

static void take(struct userstate *state, const struct usermap_row *rows, size_t n) {
        assert_int_equal(useraccounts_begin(state, &reading), 0);
        assert_int_equal(useraccounts_take(state, &reading, rows, n), 0);
}

/* Somebody writes the records that are due, as a reap does. */
static void report(struct useraccount *account) {
        memcpy(account->reported, account->total, sizeof(account->reported));
        account->reported_at = (int64_t)reading.boottime;
        account->seq++;
        account->whole = true;
}

static void test_rows(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        const struct usermap_row rows[] = {
                row(1000, 5, USERLAYOUT_USER, 0, 1000),
                row(1000, 5, USERLAYOUT_USER, 1, 300),
                row(1000, USERLAYOUT_NONE, USERLAYOUT_USER, 0, 200),
                row(USERLAYOUT_NONE, USERLAYOUT_NONE, USERLAYOUT_KERNEL, 0, 100),
                row(1000, USERLAYOUT_NONE, USERLAYOUT_REST, 0, 700),
                row(7, 7, 9, 0, 100), /* of a later release */
        };
        struct useraccount *account;

        (void)unused;
        take(state, rows, UNIT_COUNT(rows));
        assert_int_equal(state->n, 4);
        account = &state->accounts[0];
        assert_int_equal(account->uid, 1000);
        assert_int_equal(account->session, 5);
        assert_int_equal(account->total[USERACCOUNT_COUNTED].in.bytes, 1000);
        assert_int_equal(account->total[USERACCOUNT_EXCLUDED].out.bytes, 600);
        assert_true(account->whole && !account->over);
        assert_int_equal(account->moved, 1000);
        assert_int_equal(state->accounts[1].session, FIELD_UNKNOWN);
        assert_int_equal(state->accounts[2].uid, FIELD_UNKNOWN);
        assert_int_equal(state->accounts[2].who, USERACCOUNT_KERNEL);
        assert_int_equal(state->accounts[3].who, USERACCOUNT_REST);

        /* the same once more: nothing moved */
        state->changed = false;
        reading.boottime = 2000;
        take(state, rows, UNIT_COUNT(rows));
        assert_int_equal(state->n, 4);
        assert_int_equal(state->accounts[0].moved, 1000);
        assert_false(state->changed);
}

static void test_grows(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);

        (void)unused;
        take(state, &one, 1);
        report(&state->accounts[0]);
        one = row(1000, 5, USERLAYOUT_USER, 0, 1500);
        reading.boottime = 2000;
        take(state, &one, 1);
        assert_int_equal(state->accounts[0].total[0].in.bytes, 1500);
        assert_int_equal(state->accounts[0].reported[0].in.bytes, 1000);
        assert_int_equal(state->accounts[0].moved, 2000);
        assert_true(state->changed);
}

/* A row that has less than before is another one: what the first had stays. */
static void test_shrinks(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);

        (void)unused;
        take(state, &one, 1);
        one = row(1000, 5, USERLAYOUT_USER, 0, 400);
        take(state, &one, 1);
        assert_int_equal(state->n, 1);
        assert_int_equal(state->accounts[0].total[0].in.bytes, 1400);
        assert_false(state->accounts[0].whole);
}

/* A row that somebody has removed ends its account, which says that something may be missing. */
static void test_removed(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        const struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);

        (void)unused;
        take(state, &one, 1);
        take(state, NULL, 0);
        assert_int_equal(state->n, 1);
        assert_true(state->accounts[0].over);
        assert_false(state->accounts[0].whole);
        assert_int_equal(state->accounts[0].total[0].in.bytes, 1000);
        /* and what comes later is of another account */
        take(state, &one, 1);
        assert_int_equal(state->n, 2);
        assert_true(state->accounts[1].whole);
}

/* The programs were loaded anew: the rows begin at 0, and the totals go on. */
static void test_map(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);

        (void)unused;
        take(state, &one, 1);
        report(&state->accounts[0]);
        reading.map = 2;
        take(state, NULL, 0);
        assert_false(state->accounts[0].over);
        one = row(1000, 5, USERLAYOUT_USER, 0, 1500);
        take(state, &one, 1);
        assert_int_equal(state->accounts[0].total[0].in.bytes, 2500);
        assert_false(state->accounts[0].whole);
        assert_int_equal(state->map, 2);
}

/* For a while nothing counts: when the same map is back, nothing counts twice. */
static void test_nothing(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        const struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);

        (void)unused;
        take(state, &one, 1);
        reading.map = FIELD_UNKNOWN;
        reading.whole = false;
        assert_int_equal(useraccounts_begin(state, &reading), 0);
        assert_false(state->accounts[0].whole);
        reading.map = 1;
        reading.whole = true;
        take(state, &one, 1);
        assert_int_equal(state->accounts[0].total[0].in.bytes, 1000);
}

static void test_reboot(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        const struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);

        (void)unused;
        take(state, &one, 1);
        reading.boot_id = BOOT2;
        reading.map = 9;
        reading.realtime += 100 * CLOCK_SECOND;
        take(state, &one, 1);
        reading.realtime -= 100 * CLOCK_SECOND;
        assert_int_equal(state->n, 2);
        assert_string_equal(state->accounts[0].boot_id, BOOT);
        assert_true(state->accounts[0].over);
        assert_false(state->accounts[0].whole);
        assert_int_equal(state->accounts[0].ended, 1700000000000000);
        assert_int_equal(state->accounts[0].total[0].in.bytes, 1000);
        assert_string_equal(state->boot_id, BOOT2);
        /* the audit session of the same number is another login's */
        assert_null(state->accounts[1].boot_id);
        assert_int_equal(state->accounts[1].total[0].in.bytes, 1000);
        assert_true(state->accounts[1].whole);
}

/* The accounts were lost, and the log may have what the rows have. */
static void test_forget(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);

        (void)unused;
        take(state, &one, 1);
        useraccounts_forget(state);
        assert_false(userstate_account_moved(&state->accounts[0]));
        /* it says at once that bytes may be missing, and that once */
        assert_true(useraccounts_is_due(&state->accounts[0], 1000, 300));
        report(&state->accounts[0]);
        state->accounts[0].whole = false;
        assert_false(useraccounts_is_due(&state->accounts[0], 5000, 300));
        one = row(1000, 5, USERLAYOUT_USER, 0, 1100);
        take(state, &one, 1);
        assert_int_equal(state->accounts[0].total[0].in.bytes, 100);
        assert_false(state->accounts[0].whole);
}

static void test_due(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);
        struct useraccount *account;

        (void)unused;
        take(state, &one, 1);
        account = &state->accounts[0];
        assert_true(useraccounts_is_due(account, 1000, 300)); /* the first record */
        report(account);
        assert_false(useraccounts_is_due(account, 5000, 300)); /* nothing moved */
        one = row(1000, 5, USERLAYOUT_USER, 0, 1001);
        take(state, &one, 1);
        account = &state->accounts[0];
        assert_false(useraccounts_is_due(account, 1299, 300));
        assert_true(useraccounts_is_due(account, 1300, 300));
        assert_true(useraccounts_is_due(account, 900, 300)); /* the clock was put back */
        useraccounts_over(account, 1);
        assert_true(useraccounts_is_due(account, 1001, 300));
}

/* Who moves something after a long time has moved it since the reading before, and not all along.
 */
static void test_slept(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct usermap_row rows[] = { row(1, 2, USERLAYOUT_USER, 0, 100) };
        struct useraccount *account;

        (void)unused;
        take(state, rows, 1);
        account = &state->accounts[0];
        /* the first one of all has nothing before it */
        assert_false(useraccounts_slept(state, account, reading.boottime, 50));
        report(account);
        account->woke = false;

        reading.boottime += 100;
        reading.realtime += 100;
        take(state, rows, 1);
        assert_false(useraccounts_slept(state, account, reading.boottime, 50));
        rows[0] = row(1, 2, USERLAYOUT_USER, 0, 200);
        reading.boottime += 10;
        reading.realtime += 10;
        take(state, rows, 1);
        assert_true(useraccounts_slept(state, account, reading.boottime, 50));
        assert_true(useraccounts_slept(state, account, reading.boottime, 100));
        assert_false(useraccounts_slept(state, account, reading.boottime, 101));
        assert_int_equal(state->seen_realtime - state->seen_before, 10);
        /* at the next reading it is known to have moved before */
        account->woke = false;
        rows[0] = row(1, 2, USERLAYOUT_USER, 0, 300);
        take(state, rows, 1);
        assert_false(useraccounts_slept(state, account, reading.boottime, 50));
}

static void test_quiet(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        const struct usermap_row rows[] = {
                row(1000, 5, USERLAYOUT_USER, 0, 1000),
                row(1000, USERLAYOUT_NONE, USERLAYOUT_USER, 0, 1000),
                row(USERLAYOUT_NONE, USERLAYOUT_NONE, USERLAYOUT_KERNEL, 0, 1000),
        };

        (void)unused;
        take(state, rows, UNIT_COUNT(rows));
        assert_false(useraccounts_is_quiet(&state->accounts[0], 1299, 300));
        assert_true(useraccounts_is_quiet(&state->accounts[0], 1300, 300));
        assert_false(useraccounts_is_quiet(&state->accounts[1], 1300, 300));
        assert_true(useraccounts_is_quiet(&state->accounts[1], 1000 + USERLEDGER_QUIET, 300));
        assert_false(useraccounts_is_quiet(&state->accounts[2], 1000 + USERLEDGER_QUIET, 300));
}

static void test_detached(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        const struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);

        (void)unused;
        reading.whole = false;
        take(state, &one, 1);
        assert_false(state->accounts[0].whole);
}

/* A packet found no row: whose it was is not known, so every account says that it may miss it, and
 * each only once. */
static void test_lost(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        struct usermap_row rows[] = {
                row(1000, 5, USERLAYOUT_USER, 0, 1000),
                row(1001, 6, USERLAYOUT_USER, 0, 1000),
                row(1002, 7, USERLAYOUT_USER, 0, 1000),
        };

        (void)unused;
        take(state, rows, 2);
        assert_true(state->accounts[0].whole && state->accounts[1].whole);
        /* one moves, the other does not */
        rows[0] = row(1000, 5, USERLAYOUT_USER, 0, 1500);
        reading.lost = 3;
        state->changed = false;
        take(state, rows, 2);
        assert_false(state->accounts[0].whole || state->accounts[1].whole);
        assert_true(state->changed);
        assert_int_equal(state->lost, 3);
        report(&state->accounts[0]);
        report(&state->accounts[1]);

        /* the same number is nothing new; who begins now may have begun before, without a row */
        state->changed = false;
        take(state, rows, 2);
        assert_false(state->changed);
        take(state, rows, 3);
        assert_true(state->accounts[0].whole && state->accounts[1].whole);
        assert_int_equal(state->n, 3);
        assert_false(state->accounts[2].whole);
        report(&state->accounts[2]);
        take(state, rows, 3);
        assert_true(state->accounts[2].whole);

        reading.lost = 4;
        take(state, rows, 3);
        for (size_t i = 0; i < 3; i++) {
                assert_false(state->accounts[i].whole);
                report(&state->accounts[i]);
        }
        /* a new map begins at 0, and may lose as many */
        reading.map = 2;
        reading.lost = 0;
        take(state, NULL, 0);
        assert_int_equal(state->lost, 0);
        for (size_t i = 0; i < 3; i++)
                report(&state->accounts[i]);
        reading.lost = 4;
        take(state, rows, 3);
        assert_false(state->accounts[0].whole || state->accounts[2].whole);
}

/* What is over has lost nothing since. */
static void test_lost_over(void **unused) {
        _cleanup_(userstate_freep) struct userstate *state = begin();
        const struct usermap_row one = row(1000, 5, USERLAYOUT_USER, 0, 1000);

        (void)unused;
        take(state, &one, 1);
        useraccounts_over(&state->accounts[0], 1);
        reading.lost = 1;
        take(state, NULL, 0);
        assert_true(state->accounts[0].whole);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),    cmocka_unit_test(test_grows),
                cmocka_unit_test(test_shrinks), cmocka_unit_test(test_removed),
                cmocka_unit_test(test_map),     cmocka_unit_test(test_nothing),
                cmocka_unit_test(test_reboot),  cmocka_unit_test(test_forget),
                cmocka_unit_test(test_due),     cmocka_unit_test(test_slept),
                cmocka_unit_test(test_quiet),   cmocka_unit_test(test_detached),
                cmocka_unit_test(test_lost),    cmocka_unit_test(test_lost_over),
        };

        return cmocka_run_group_tests_name("useraccounts", tests, NULL, NULL);
}
