/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The join of sockets and flows, without a kernel: sockets, holders, logins and flows are handed in
 * as a look reads them.
 */

#include "audit-world.h"

#include <string.h>

/* The next look: all sockets are gone. */
static void again(struct audit *audit) {
        rows_clear(&audit->rows);
        memset(audit->recent, 0, sizeof(audit->recent));
        assert_int_equal(history_begin(&audit->history), 0);
}

struct counts {
        uint64_t original;
        uint64_t reply;
};

static struct flow made(uint8_t protocol, struct endpoint a, struct endpoint b, struct endpoint c,
                        struct endpoint d, struct counts counts) {
        struct flow flow = {
                .original = { a, b, { counts.original, 1 } },
                .reply = { c, d, { counts.reply, 2 } },
                .id = 9,
                .protocol = protocol,
                .has_counters = true,
        };

        flow.has_tcp_state = protocol == IPPROTO_TCP;
        flow.tcp_state = 3;
        return flow;
}

/* All sockets that were placed so far are there. */
static void take(struct audit *audit, const struct flow *flow) {
        assert_int_equal(rows_index(&audit->rows), 0);
        assert_int_equal(flows_take(audit, flow, 1), 0);
}

static void flow(struct audit *audit, uint8_t protocol, struct endpoint from, struct endpoint to,
                 uint64_t original, uint64_t reply) {
        struct flow plain = made(protocol, from, to, to, from, (struct counts){ original, reply });

        take(audit, &plain);
}

static void assert_moved(const struct audit *audit, uint32_t row, uint64_t in, uint64_t out) {
        assert_in_range(row, 0, audit->rows.n - 1);
        assert_true(audit->rows.rows[row].flags & AUDIT_COUNTED);
        assert_int_equal(audit->rows.rows[row].traffic.in.bytes, in);
        assert_int_equal(audit->rows.rows[row].traffic.out.bytes, out);
}

static void assert_unknown(const struct audit *audit, uint32_t row) {
        assert_false(audit->rows.rows[row].flags & (AUDIT_COUNTED | AUDIT_FLOW));
}

/* We were called, we called; IPv4, IPv6, and a v4-mapped socket, which the parser makes IPv4. */
static void test_plain(void **state) {
        _cleanup_(audit_freep) struct audit *audit = begin(NULL);
        uint32_t called, caller, six;

        (void)state;
        called = place(audit, IPPROTO_TCP, end(HERE, 80), end(FAR, 5000), 33, 1);
        caller = place(audit, IPPROTO_TCP, end("::ffff:" HERE, 4000), end(FAR, 443), 1000, 2);
        six = place(audit, IPPROTO_UDP, end(HERE6, 4000), end(FAR6, 53), 1000, 3);
        flow(audit, IPPROTO_TCP, end(FAR, 5000), end(HERE, 80), 10, 20);
        flow(audit, IPPROTO_TCP, end(HERE, 4000), end(FAR, 443), 30, 40);
        flow(audit, IPPROTO_UDP, end(HERE6, 4000), end(FAR6, 53), 50, 60);
        assert_int_equal(audit->rows.n, 3);
        assert_moved(audit, called, 10, 20);
        assert_moved(audit, caller, 40, 30);
        assert_moved(audit, six, 60, 50);
        assert_int_equal(flows_port(audit, &audit->rows.rows[called]), 80);
        assert_int_equal(flows_port(audit, &audit->rows.rows[caller]), 443);
        assert_int_equal(audit->rows.rows[called].traffic.out.packets, 2);
}

/* The socket has what it asked for, or what NAT made of it before it came. */
static void test_nat(void **state) {
        _cleanup_(audit_freep) struct audit *audit = begin(NULL);
        uint32_t dnat, snat, redirected;
        struct flow nat;

        (void)state;
        dnat = place(audit, IPPROTO_TCP, end(HERE, 8080), end(FAR, 5000), 33, 1);
        nat = made(IPPROTO_TCP, end(FAR, 5000), end("203.0.113.9", 80), end(HERE, 8080),
                   end(FAR, 5000), (struct counts){ 10, 20 });
        take(audit, &nat);
        assert_moved(audit, dnat, 10, 20);

        snat = place(audit, IPPROTO_TCP, end(HERE, 4000), end(FAR, 443), 1000, 2);
        nat = made(IPPROTO_TCP, end(HERE, 4000), end(FAR, 443), end(FAR, 443),
                   end("203.0.113.9", 61000), (struct counts){ 30, 40 });
        take(audit, &nat);
        assert_moved(audit, snat, 40, 30);

        redirected = place(audit, IPPROTO_UDP, end(HERE, 4001), end("203.0.113.53", 53), 1000, 3);
        nat = made(IPPROTO_UDP, end(HERE, 4001), end("203.0.113.53", 53), end(FAR, 5353),
                   end(HERE, 4001), (struct counts){ 50, 60 });
        take(audit, &nat);
        assert_moved(audit, redirected, 60, 50);
        assert_int_equal(audit->rows.n, 3);
}

/* Two sockets, one flow: counted once. */
static void test_within(void **state) {
        _cleanup_(audit_freep) struct audit *audit = begin(NULL);
        uint32_t caller, called;

        (void)state;
        called = place(audit, IPPROTO_TCP, end("127.0.0.1", 80), end("127.0.0.1", 5000), 33, 1);
        caller = place(audit, IPPROTO_TCP, end("127.0.0.1", 5000), end("127.0.0.1", 80), 1000, 2);
        flow(audit, IPPROTO_TCP, end("127.0.0.1", 5000), end("127.0.0.1", 80), 10, 20);
        assert_moved(audit, caller, 20, 10);
        assert_unknown(audit, called);

        called = place(audit, IPPROTO_TCP, end("127.0.0.1", 81), end("127.0.0.1", 5000), 33, 3);
        (void)place(audit, IPPROTO_TCP, end("127.0.0.1", 5000), end("127.0.0.1", 81), 1000, 4);
        audit->rows.rows[called].owner.session = 0;
        flow(audit, IPPROTO_TCP, end("127.0.0.1", 5000), end("127.0.0.1", 81), 10, 20);
        assert_moved(audit, called, 10, 20);
        assert_int_equal(audit->rows.n, 4);
}

/* Of several flows the oldest; not known where timestamps are off. */
static void test_age(void **state) {
        _cleanup_(audit_freep) struct audit *audit = begin(NULL);
        const uint64_t second = 1000000000, ages[] = { 5, 90, 7 };
        uint32_t none;

        (void)state;
        audit->now = 1000 * second;
        (void)place(audit, IPPROTO_UDP, end("0.0.0.0", 53), end("0.0.0.0", 0), 53, 1);
        none = place(audit, IPPROTO_TCP, end(HERE, 80), end(FAR, 5), 33, 2);
        for (uint16_t i = 0; i < UNIT_COUNT(ages); i++) {
                struct flow plain = made(IPPROTO_UDP, end(FAR, i + 1U), end(HERE, 53),
                                         end(HERE, 53), end(FAR, i + 1U), (struct counts){ 1, 1 });

                plain.started = audit->now - ages[i] * second - 1;
                take(audit, &plain);
        }
        assert_int_equal(audit->rows.rows[0].age, 90);
        assert_false(audit->missing.timestamps);
        flow(audit, IPPROTO_TCP, end(FAR, 5), end(HERE, 80), 10, 20);
        assert_int_equal(audit->rows.rows[none].age, AUDIT_UNKNOWN);
        assert_true(audit->missing.timestamps);
}

static void test_unconnected(void **state) {
        _cleanup_(audit_freep) struct audit *audit = begin(NULL);
        uint32_t all, one, six, connected;

        (void)state;
        all = place(audit, IPPROTO_UDP, end("0.0.0.0", 53), end("0.0.0.0", 0), 53, 1);
        one = place(audit, IPPROTO_UDP, end(HERE, 54), end("0.0.0.0", 0), 53, 2);
        (void)place(audit, IPPROTO_UDP, end("0.0.0.0", 54), end("0.0.0.0", 0), 53, 3);
        six = place(audit, IPPROTO_UDP, end("::", 55), end("::", 0), 53, 4);
        connected = place(audit, IPPROTO_UDP, end(HERE, 53), end(FAR, 9), 53, 5);
        flow(audit, IPPROTO_UDP, end(FAR, 1), end(HERE, 53), 1, 10);
        flow(audit, IPPROTO_UDP, end(FAR, 2), end(HERE, 53), 2, 20);
        flow(audit, IPPROTO_UDP, end(HERE, 53), end(FAR, 3), 400, 300); /* it called */
        flow(audit, IPPROTO_UDP, end(FAR, 9), end(HERE, 53), 5, 50);
        flow(audit, IPPROTO_UDP, end(FAR, 1), end(HERE, 54), 6, 60);
        flow(audit, IPPROTO_UDP, end(FAR, 1), end(HERE, 55), 7, 70); /* dual stack */
        flow(audit, IPPROTO_UDP, end(FAR6, 1), end(HERE6, 55), 8, 80);
        flow(audit, IPPROTO_UDP, end(FAR, 1), end("224.0.0.251", 53), 1000, 0);
        assert_int_equal(audit->rows.n, 5);
        assert_moved(audit, all, 1303, 430);
        assert_moved(audit, one, 6, 60);
        assert_moved(audit, six, 15, 150);
        assert_moved(audit, connected, 5, 50);
}

/* Each flow of an unconnected socket a row, with the socket's owner. */
static void test_split(void **state) {
        const struct audit_options options = { .proc_fd = -1, .split = true };
        _cleanup_(audit_freep) struct audit *audit = begin(&options);
        uint32_t all;

        (void)state;
        all = place(audit, IPPROTO_UDP, end("0.0.0.0", 53), end("0.0.0.0", 0), 53, 1);
        flow(audit, IPPROTO_UDP, end(FAR, 1), end(HERE, 53), 1, 10);
        flow(audit, IPPROTO_UDP, end(FAR, 2), end(HERE, 53), 2, 20);
        assert_int_equal(audit->rows.n, 3);
        assert_unknown(audit, all);
        assert_moved(audit, 1, 1, 10);
        assert_moved(audit, 2, 2, 20);
        assert_int_equal(audit->rows.rows[2].owner.uid, 53);
        assert_int_equal(audit->rows.rows[2].connection.remote.port, 2);
}

/* Nobody's, but never dropped; and a socket bound to all addresses does not get what passes. */
static void test_nobodys(void **state) {
        _cleanup_(audit_freep) struct audit *audit = begin(NULL);
        const struct audit_row *row;

        (void)state;
        (void)place(audit, IPPROTO_UDP, end("0.0.0.0", 53), end("0.0.0.0", 0), 53, 1);
        flow(audit, IPPROTO_UDP, end(FAR, 53), end("203.0.113.9", 53), 1, 10);
        flow(audit, IPPROTO_TCP, end(FAR, 5000), end(HERE, 80), 2, 20);
        flow(audit, IPPROTO_TCP, end(HERE, 5000), end(FAR, 80), 3, 30);
        flow(audit, IPPROTO_ICMP, end(FAR, 0), end(HERE, 0), 4, 40);
        assert_int_equal(audit->rows.n, 5);
        assert_unknown(audit, 0);
        assert_moved(audit, 1, 10, 1);
        assert_string_equal(audit_state_name(audit->rows.rows[1].state), "forwarded");
        assert_moved(audit, 2, 2, 20);
        assert_string_equal(audit_state_name(audit->rows.rows[2].state), "established");
        assert_moved(audit, 3, 30, 3);
        assert_moved(audit, 4, 4, 40);
        assert_string_equal(audit_state_name(audit->rows.rows[4].state), "unreplied");
        row = &audit->rows.rows[2];
        assert_int_equal(row->connection.local.port, 80);
        assert_int_equal(row->owner.uid, AUDIT_UNKNOWN);
}

/* Told twice, it counts once; of two zones with one tuple, both count. */
static void test_twice(void **state) {
        _cleanup_(audit_freep) struct audit *audit = begin(NULL);
        struct flow plain = made(IPPROTO_TCP, end(FAR, 5), end(HERE, 80), end(HERE, 80),
                                 end(FAR, 5), (struct counts){ 1, 10 });

        (void)state;
        (void)place(audit, IPPROTO_TCP, end(HERE, 80), end(FAR, 5), 33, 1);
        take(audit, &plain);
        take(audit, &plain);
        assert_moved(audit, 0, 1, 10);
        plain.id++;
        take(audit, &plain);
        assert_moved(audit, 0, 2, 20);
}

/* A socket in TIME_WAIT and its successor, in the order of the day: the flow is the living one's.
 */
static void test_successor(void **state) {
        (void)state;
        for (uint64_t first = 0; first <= 1; first++) {
                _cleanup_(audit_freep) struct audit *audit = begin(NULL);

                (void)place(audit, IPPROTO_TCP, end(HERE, 80), end(FAR, 5), 33, first);
                (void)place(audit, IPPROTO_TCP, end(HERE, 80), end(FAR, 5), 33, !first);
                flow(audit, IPPROTO_TCP, end(FAR, 5), end(HERE, 80), 1, 10);
                assert_moved(audit, first ? 0 : 1, 1, 10);
                assert_unknown(audit, first ? 1 : 0);
        }
}

static void test_networks(void **state) {
        struct network far, here;
        struct audit_options options = { .proc_fd = -1, .exclude = { &far, 1 } };
        struct audit *audit;
        uint32_t all, tcp, listener;

        (void)state;
        assert_int_equal(network_parse("198.51.100.0/24", &far), 0);
        assert_int_equal(network_parse("203.0.113.0/24", &here), 0);
        for (int i = 0; i < 2; i++) {
                audit = begin(&options);
                all = place(audit, IPPROTO_UDP, end("0.0.0.0", 53), end("0.0.0.0", 0), 53, 1);
                tcp = place(audit, IPPROTO_TCP, end(HERE, 80), end(FAR, 5), 33, 2);
                listener = place(audit, IPPROTO_TCP, end("0.0.0.0", 80), end("0.0.0.0", 0), 33, 3);
                flow(audit, IPPROTO_UDP, end(FAR, 1), end(HERE, 53), 1, 10);
                flow(audit, IPPROTO_UDP, end("203.0.113.9", 1), end(HERE, 53), 2, 20);
                assert_moved(audit, all, 2, 20);
                assert_true(flows_shown(audit, &audit->rows.rows[all], false));
                assert_false(flows_shown(audit, &audit->rows.rows[tcp], false));
                assert_false(flows_shown(audit, &audit->rows.rows[listener], false));
                assert_int_equal(flows_shown(audit, &audit->rows.rows[listener], true), !i);
                audit = audit_free(audit);
                options.exclude.n = 0;
                options.only = (struct audit_networks){ &here, 1 };
        }
}

/* A row without an owner gets the one it had; another flow at the same tuple does not. */
static void test_remembered(void **state) {
        const struct audit_options options = { .proc_fd = -1, .watch = true };
        _cleanup_(audit_freep) struct audit *audit = begin(&options);
        struct flow plain = made(IPPROTO_TCP, end(HERE, 4000), end(FAR, 80), end(FAR, 80),
                                 end(HERE, 4000), (struct counts){ 100, 1000 });
        uint32_t row;

        (void)state;
        again(audit);
        row = place(audit, IPPROTO_TCP, end(HERE, 4000), end(FAR, 80), 1000, 7);
        audit->rows.rows[row].owner.pid = 42;
        take(audit, &plain);

        again(audit); /* TIME_WAIT: a socket without a uid */
        (void)place(audit, IPPROTO_TCP, end(HERE, 4000), end(FAR, 80), 0, 0);
        plain.original.counter.bytes += 5;
        take(audit, &plain);
        assert_moved(audit, 0, 0, 5);
        assert_int_equal(audit->rows.rows[0].owner.uid, 1000);
        assert_int_equal(audit->rows.rows[0].owner.pid, 42);

        again(audit); /* only conntrack knows it */
        plain.reply.counter.bytes += 6;
        plain.reply.counter.packets++;
        take(audit, &plain);
        assert_moved(audit, 0, 6, 0);
        assert_int_equal(audit->rows.rows[0].owner.uid, 1000);
        assert_true(flows_shown(audit, &audit->rows.rows[0], false));

        again(audit);
        plain.id++;
        take(audit, &plain);
        assert_moved(audit, 0, 1006, 105);
        assert_int_equal(audit->rows.rows[0].owner.uid, AUDIT_UNKNOWN);
}

/* A UDP socket without a remote end, which is gone when its flow moves on. */
static void test_remembered_unconnected(void **state) {
        const struct audit_options options = { .proc_fd = -1, .watch = true };
        _cleanup_(audit_freep) struct audit *audit = begin(&options);
        struct flow plain = made(IPPROTO_UDP, end(HERE, 4000), end(FAR, 53), end(FAR, 53),
                                 end(HERE, 4000), (struct counts){ 100, 1000 });

        (void)state;
        again(audit);
        (void)place(audit, IPPROTO_UDP, end("0.0.0.0", 4000), end("0.0.0.0", 0), 1000, 7);
        audit->rows.rows[0].owner.pid = 42;
        take(audit, &plain);
        assert_moved(audit, 0, 1000, 100);

        again(audit);
        plain.reply.counter.bytes += 5;
        take(audit, &plain);
        assert_moved(audit, 0, 5, 0);
        assert_int_equal(audit->rows.rows[0].owner.uid, 1000);
        assert_int_equal(audit->rows.rows[0].owner.pid, 42);
}

/* Each to its socket, or to a row of its own; some at a time, and the table grows meanwhile. */
static void test_many(void **state) {
        _cleanup_(audit_freep) struct audit *audit = begin(NULL);
        _cleanup_(freep) struct flow *flows = NULL;
        const uint32_t n = 20000, others = 60000;

        (void)state;
        flows = calloc(n + others, sizeof(*flows));
        assert_non_null(flows);
        for (uint32_t i = 0; i < n; i++) {
                (void)place(audit, IPPROTO_TCP, end(HERE, 80), end(FAR, 1 + i), 33, i + 1);
                flows[i] = made(IPPROTO_TCP, end(FAR, 1 + i), end(HERE, 80), end(HERE, 80),
                                end(FAR, 1 + i), (struct counts){ i, 2 * (uint64_t)i });
        }
        for (uint32_t i = 0; i < others; i++)
                flows[n + i] = made(IPPROTO_UDP, end(FAR, 1 + i), end(HERE, 53), end(HERE, 53),
                                    end(FAR, 1 + i), (struct counts){ i, 3 * (uint64_t)i });
        assert_int_equal(rows_index(&audit->rows), 0);
        for (uint32_t i = 0; i < n; i++)
                socketrows_hold(audit, (pid_t)i + 5, i + 1);
        assert_int_equal(flows_take(audit, flows, n + others), 0);
        assert_int_equal(audit->rows.n, n + others);
        for (uint32_t i = 0; i < n; i++) {
                assert_int_equal(audit->rows.rows[i].owner.pid, i + 5);
                assert_moved(audit, i, i, 2 * (uint64_t)i);
        }
        for (uint32_t i = n; i < n + others; i++)
                assert_ptr_equal(rows_find(&audit->rows, IPPROTO_UDP,
                                           &audit->rows.rows[i].connection),
                                 &audit->rows.rows[i]);
        /* what 200 bytes a socket leave room for */
        assert_true(sizeof(struct audit_row) <= 112);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plain),       cmocka_unit_test(test_nat),
                cmocka_unit_test(test_within),      cmocka_unit_test(test_age),
                cmocka_unit_test(test_unconnected), cmocka_unit_test(test_split),
                cmocka_unit_test(test_nobodys),     cmocka_unit_test(test_twice),
                cmocka_unit_test(test_successor),   cmocka_unit_test(test_networks),
                cmocka_unit_test(test_remembered),  cmocka_unit_test(test_remembered_unconnected),
                cmocka_unit_test(test_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
