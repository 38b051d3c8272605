/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What flows moved between looks: growth, reset, reuse, flows that come and go.
 */

#include "audit/history.h"
#include "unit.h"

#include <string.h>

static struct flow make(uint32_t id, uint16_t port, uint64_t in, uint64_t out) {
        struct flow flow = { .id = id, .protocol = IPPROTO_TCP, .has_counters = true };

        flow.original.source.address.family = AF_INET;
        flow.original.source.port = port;
        flow.original.counter = (struct counter){ in, in / 10 };
        flow.reply.counter = (struct counter){ out, out / 10 };
        return flow;
}

/* Note a flow and check what it is said to have moved. */
static struct history_entry *moved(struct history *history, const struct flow *flow, uint64_t in,
                                   uint64_t out) {
        struct history_entry *entry;
        struct flow now;

        assert_int_equal(history_step(history, flow, &now, &entry), 0);
        assert_int_equal(now.original.counter.bytes, in);
        assert_int_equal(now.original.counter.packets, in / 10);
        assert_int_equal(now.reply.counter.bytes, out);
        assert_int_equal(now.reply.counter.packets, out / 10);
        return entry;
}

static struct history_entry *look(struct history *history, const struct flow *flow, uint64_t in,
                                  uint64_t out) {
        assert_int_equal(history_begin(history), 0);
        return moved(history, flow, in, out);
}

static void own(struct history *history, struct history_entry *entry, uint32_t uid) {
        struct ownerset_owner owner = OWNERSET_NOBODY;

        owner.owner.uid = uid;
        assert_int_equal(history_own(history, entry, &owner), 0);
}

static uint32_t uid(const struct history *history, const struct history_entry *entry) {
        return history_owner(history, entry)->owner.uid;
}

static void test_growth(void **state) {
        struct history history = { .seed = 1 };
        struct flow flow = make(1, 5, 100, 1000);

        (void)state;
        (void)look(&history, &flow, 100, 1000);
        flow = make(1, 5, 150, 1000);
        (void)look(&history, &flow, 50, 0);
        (void)look(&history, &flow, 0, 0);
        history_free(&history);
}

/* conntrack -z: also when one direction has already grown beyond what it was. */
static void test_reset(void **state) {
        struct history history = { .seed = 1 };
        struct flow flow = make(1, 5, 100, 1000);

        (void)state;
        own(&history, look(&history, &flow, 100, 1000), 7);
        flow = make(1, 5, 30, 2000);
        assert_int_equal(uid(&history, look(&history, &flow, 30, 2000)), AUDIT_UNKNOWN);
        flow = make(1, 5, 40, 2000);
        (void)look(&history, &flow, 10, 0);
        history_free(&history);
}

static void test_either_reset(void **state) {
        struct history history = { .seed = 1 };
        struct flow flow = make(1, 5, 100, 1000), now;
        struct history_entry *entry;

        (void)state;
        (void)look(&history, &flow, 100, 1000);
        flow.reply.counter = (struct counter){ 1000, 99 };
        assert_int_equal(history_step(&history, &flow, &now, &entry), 0);
        assert_int_equal(now.reply.counter.bytes, 1000);
        flow.reply.counter = (struct counter){ 900, 120 };
        assert_int_equal(history_step(&history, &flow, &now, &entry), 0);
        assert_int_equal(now.reply.counter.bytes, 900);
        history_free(&history);
}

/* Another id, or another time of begin, at the same tuple. */
static void test_reuse(void **state) {
        struct history history = { .seed = 1 };
        struct flow flow = make(1, 5, 100, 1000);

        (void)state;
        flow.started = 50;
        own(&history, look(&history, &flow, 100, 1000), 7);
        flow = make(2, 5, 200, 2000);
        flow.started = 60;
        assert_int_equal(uid(&history, look(&history, &flow, 200, 2000)), AUDIT_UNKNOWN);
        flow = make(2, 5, 300, 3000);
        flow.started = 70;
        assert_int_equal(uid(&history, look(&history, &flow, 300, 3000)), AUDIT_UNKNOWN);
        history_free(&history);
}

static void test_protocols_and_ids_are_apart(void **state) {
        struct history history = { .seed = 1 };
        struct flow tcp = make(1, 5, 100, 0), udp = make(1, 5, 70, 0), zone = make(2, 5, 40, 0);

        (void)state;
        udp.protocol = IPPROTO_UDP;
        (void)look(&history, &tcp, 100, 0);
        (void)moved(&history, &udp, 70, 0);
        (void)moved(&history, &zone, 40, 0);
        tcp = make(1, 5, 110, 0);
        (void)look(&history, &tcp, 10, 0);
        (void)moved(&history, &udp, 0, 0);
        (void)moved(&history, &zone, 0, 0);
        history_free(&history);
}

/* A flow that one walk missed is not new; one that was gone for long is. */
static void test_missed(void **state) {
        struct history history = { .seed = 1 };
        struct flow flow = make(1, 5, 100, 0), other = make(9, 9, 0, 0);

        (void)state;
        own(&history, look(&history, &flow, 100, 0), 7);
        for (int i = 0; i < HISTORY_LOOKS - 1; i++)
                (void)look(&history, &other, 0, 0);
        flow = make(1, 5, 130, 0);
        assert_int_equal(uid(&history, look(&history, &flow, 30, 0)), 7);
        for (int i = 0; i <= HISTORY_LOOKS; i++)
                (void)look(&history, &other, 0, 0);
        assert_int_equal(history.n, 1);
        assert_int_equal(uid(&history, look(&history, &flow, 130, 0)), AUDIT_UNKNOWN);
        history_free(&history);
}

/* Counters that are not there neither count nor forget. */
static void test_no_counters(void **state) {
        struct history history = { .seed = 1 };
        struct flow flow = make(1, 5, 0, 0);

        (void)state;
        flow.has_counters = false;
        (void)look(&history, &flow, 0, 0);
        flow = make(1, 5, 10, 20);
        (void)look(&history, &flow, 10, 20);
        history_free(&history);
}

static void test_many(void **state) {
        struct history history = { .seed = 1 };

        (void)state;
        for (uint64_t turn = 1; turn <= 3; turn++) {
                assert_int_equal(history_begin(&history), 0);
                for (uint32_t i = 0; i < 20000; i++) {
                        struct flow flow = make(i, (uint16_t)i, turn * 10 * i, turn * 10);

                        (void)moved(&history, &flow, (uint64_t)10 * i, 10);
                }
        }
        assert_int_equal(history.n, 20000);
        history_free(&history);
}

/* Each flow keeps its own; those that no flow has any more are forgotten. */
static void test_owners(void **state) {
        struct history history = { .seed = 1 };
        const uint32_t n = 1000;

        (void)state;
        for (uint32_t turn = 0; turn < 10; turn++) {
                assert_int_equal(history_begin(&history), 0);
                assert_in_range(history.owners.n, 0, 2 * n);
                for (uint32_t i = 0; i < n; i++) {
                        struct flow flow = make(i, (uint16_t)i, 10, 10), now;
                        struct history_entry *entry;

                        assert_int_equal(history_step(&history, &flow, &now, &entry), 0);
                        assert_int_equal(uid(&history, entry),
                                         turn ? (turn - 1) * n + i : AUDIT_UNKNOWN);
                        own(&history, entry, turn * n + i);
                        assert_int_equal(uid(&history, entry), turn * n + i);
                }
        }
        history_free(&history);
}

/* 65,536 looks later, what was forgotten is not what was told last. */
static void test_looks(void **state) {
        struct history history = { .seed = 1 };
        struct flow flow = make(1, 5, 100, 0);

        (void)state;
        (void)look(&history, &flow, 100, 0);
        for (uint32_t i = 0; i < 65536; i++) {
                assert_int_equal(history_begin(&history), 0);
                if (i % 2)
                        (void)moved(&history, &flow, 0, 0);
        }
        assert_int_equal(history.n, 1);
        for (uint32_t i = 0; i <= HISTORY_LOOKS; i++)
                assert_int_equal(history_begin(&history), 0);
        assert_int_equal(history.n, 0);
        history_free(&history);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_growth),
                cmocka_unit_test(test_reset),
                cmocka_unit_test(test_either_reset),
                cmocka_unit_test(test_reuse),
                cmocka_unit_test(test_protocols_and_ids_are_apart),
                cmocka_unit_test(test_missed),
                cmocka_unit_test(test_no_counters),
                cmocka_unit_test(test_many),
                cmocka_unit_test(test_owners),
                cmocka_unit_test(test_looks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
