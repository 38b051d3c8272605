/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the index answers about the ports of sshd: what is no session's, and what nobody can know;
 * and answers as if the log had some records more.
 */

#include "index-world.h"
#include "unit.h"

/* What all connections of a port moved, less the sessions' part. */
static void test_ports(void **state) {
        const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + 24 * HOUR };
        struct index_counts counts;
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        world_add(state, "log",
                  &(struct world_record){ 1, 0, "start", MIDNIGHT, NULL, 10, 10, NULL });
        world_add(state, "log",
                  &(struct world_record){ 1, 1, "stop", MIDNIGHT + HOUR, NULL, 40, 30, NULL });
        world_add(state, "log",
                  &(struct world_record){ 9, 0, "port", MIDNIGHT, NULL, 15, 15, NULL });
        world_add(state, "log",
                  &(struct world_record){ 9, 1, "port", MIDNIGHT + HOUR, NULL, 95, 80, NULL });
        index = world_taken(state);
        answer = world_ask(index, INDEX_IP, INDEX_USER, edges, 2);
        assert_int_equal(answer->total.in, 40);
        assert_int_equal(answer->total.sessions, 1);
        assert_int_equal(answer->n_ports, 1);
        assert_int_equal(answer->ports[0].in, 95);
        assert_int_equal(answer->ports[0].unauthenticated_in, 55);
        assert_int_equal(answer->all_ports.unauthenticated_in, 55);
        assert_int_equal(answer->all_ports.unauthenticated_out, 110);
        assert_int_equal(answer->all_ports.excluded_in, 0);
        assert_int_equal(index_counts(index, &counts), 0);
        assert_int_equal(counts.sessions, 1);
}

#define EXCLUDED(n, event, seconds, more)                                                         \
        "{\"v\":1,\"event\":\"" event "\",\"time\":\"2026-11-23T00:00:" seconds                   \
        ".000000Z\",\"session\":\"01a20450-bb0f-79f8-b748-00000000010" n "\",\"seq\":0,\"host\":" \
        "\"vm\",\"user\":\"backup\",\"local_port\":22,\"excluded\":true" more "}\n"

/* What excluded sessions moved is no user's, and is not taken for failed logins. */
static void test_ports_excluded(void **state) {
        const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + 24 * HOUR };
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL, *lacks = NULL, *wire = NULL;

        world_add(state, "log",
                  &(struct world_record){ 9, 0, "port", MIDNIGHT + 9 * CLOCK_SECOND, NULL, 1000,
                                          500, NULL });
        world_append(state, "log",
                     EXCLUDED("1", "stop", "02",
                              ",\"excluded_in_bytes\":900,\"excluded_out_bytes\":100"));
        index = world_taken(state);
        answer = world_ask(index, INDEX_IP, INDEX_USER, edges, 2);
        assert_int_equal(answer->n, 1);
        assert_int_equal(answer->total.in, 0);
        assert_int_equal(answer->total.excluded, 1);
        assert_int_equal(answer->total.unknown, 0);
        assert_int_equal(answer->all_ports.excluded_in, 900);
        assert_int_equal(answer->all_ports.excluded_out, 100);
        assert_int_equal(answer->all_ports.unauthenticated_in, 100);
        assert_int_equal(answer->all_ports.unauthenticated_out, 1900);
        wire = world_ask(index, INDEX_WIRE, INDEX_USER, edges, 2);
        assert_int_equal(wire->n_ports, 0);

        /* one of which nothing is known: then nobody knows the rest */
        world_append(state, "log", EXCLUDED("2", "start", "03", ""));
        index = index_free(index);
        index = world_taken(state);
        lacks = world_ask(index, INDEX_IP, INDEX_USER, edges, 2);
        assert_int_equal(lacks->total.excluded, 2);
        assert_int_equal(lacks->total.unknown, 0);
        assert_true(lacks->all_ports.excluded_in == INDEX_UNKNOWN);
        assert_true(lacks->all_ports.unauthenticated_in == INDEX_UNKNOWN);
        assert_int_equal(lacks->all_ports.in, 1000);
}

#define UNKNOWN(seq, event, hour)                                                            \
        "{\"v\":1,\"event\":\"" event "\",\"time\":\"2026-11-23T" hour                       \
        ":00:00.000000Z\",\"session\":\"01a20450-bb0f-79f8-b748-000000000001\",\"seq\":" seq \
        ",\"host\":\"vm\",\"user\":\"ada\",\"local_port\":22,\"complete\":false}\n"

/* A session of which not all is known is there before, in, or after the time that is asked for. */
static void test_ports_unknown(void **state) {
        static const uint64_t hours[] = { 0, 2, 4, 6, 8 };
        _cleanup_(index_freep) struct index *index = NULL;

        for (int i = 0; i < 8; i++)
                world_add(state, "log",
                          &(struct world_record){ 9, i, "port", MIDNIGHT + (uint64_t)i * HOUR, NULL,
                                                  10 * i, 0, NULL });
        world_append(state, "log", UNKNOWN("0", "start", "03") UNKNOWN("1", "stop", "05"));
        index = world_taken(state);
        for (size_t i = 0; i < 4; i++) {
                const uint64_t edges[] = { MIDNIGHT + hours[i] * HOUR,
                                           MIDNIGHT + hours[i + 1] * HOUR };
                _cleanup_(index_ask_freep) struct index_answer *answer =
                        world_ask(index, INDEX_IP, INDEX_USER, edges, 2);

                assert_int_equal(answer->all_ports.unauthenticated_in == INDEX_UNKNOWN,
                                 i == 1 || i == 2);
        }
}

/* A session that may have moved more than its records say: the rest of the port may have that. */
static void test_ports_incomplete(void **state) {
        const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + 24 * HOUR, MIDNIGHT + 48 * HOUR };
        _cleanup_(index_freep) struct index *index = NULL;

        world_add(state, "log",
                  &(struct world_record){ 9, 0, "port", MIDNIGHT + HOUR, NULL, 90, 0, NULL });
        world_add(state, "log",
                  &(struct world_record){ 9, 1, "port", MIDNIGHT + 24 * HOUR, NULL, 90, 0, NULL });
        world_add(state, "log",
                  &(struct world_record){ 9, 2, "port", MIDNIGHT + 25 * HOUR, NULL, 95, 5, NULL });
        world_append(state, "log",
                     "{\"v\":1,\"event\":\"stop\",\"time\":\"2026-11-23T00:30:00.000000Z\","
                     "\"session\":\"01a20450-bb0f-79f8-b748-000000000001\",\"seq\":0,\"host\":"
                     "\"vm\",\"local_port\":22,\"user\":\"ada\",\"in_bytes\":10,\"out_bytes\":0,"
                     "\"complete\":false,\"incomplete_cause\":\"lost\"}\n");
        index = world_taken(state);
        for (size_t i = 0; i < 2; i++) {
                _cleanup_(index_ask_freep) struct index_answer *answer =
                        world_ask(index, INDEX_IP, INDEX_USER, edges + i, 2);

                assert_int_equal(answer->all_ports.unauthenticated_in, i ? 5 : 80);
                assert_int_equal(answer->all_ports.misses, !i);
        }
}

/* Records that are not in the log are in the answers, until they are forgotten. */
static void test_suppose(void **state) {
        const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + 24 * HOUR };
        struct record *records[2] = { 0 };
        struct index_counts counts;
        _cleanup_(index_freep) struct index *index = NULL;
        const char *const lines[] = {
                "{\"v\":1,\"event\":\"live\",\"time\":\"2026-11-23T01:00:00.000000Z\",\"session\":"
                "\"01a20450-bb0f-79f8-b748-000000000001\",\"seq\":1,\"host\":\"vm\",\"local_port\":"
                "22,\"user\":\"ada\","
                "\"in_bytes\":70,\"out_bytes\":7,\"complete\":true}",
                "{\"v\":1,\"event\":\"port\",\"time\":\"2026-11-23T01:00:00.000000Z\",\"session\":"
                "\"01a20450-bb0f-79f8-b748-000000000009\",\"seq\":0,\"host\":\"vm\",\"local_port\":"
                "22,"
                "\"in_bytes\":75,\"out_bytes\":9,\"complete\":true}",
        };
        const char *field;

        world_append(
                state, "log",
                "{\"v\":1,\"event\":\"start\",\"time\":\"2026-11-23T00:00:01.000000Z\","
                "\"session\":\"01a20450-bb0f-79f8-b748-000000000001\",\"seq\":0,\"host\":\"vm\","
                "\"local_port\":22,\"user\":\"ada\",\"in_bytes\":10,\"out_bytes\":1,\"complete\":"
                "true}\n");
        for (size_t i = 0; i < 2; i++)
                assert_int_equal(record_decode(lines[i], strlen(lines[i]), &records[i], &field), 0);
        index = world_taken(state);
        for (int round = 0; round < 2; round++) {
                _cleanup_(index_ask_freep) struct index_answer *now = NULL, *then = NULL;

                assert_int_equal(index_suppose(index, records, 2), 0);
                now = world_ask(index, INDEX_IP, INDEX_USER, edges, 2);
                assert_int_equal(now->total.in, 70);
                assert_int_equal(now->total.sessions, 1);
                assert_int_equal(now->all_ports.unauthenticated_in, 5);
                assert_int_equal(now->all_ports.unauthenticated_out, 2);
                assert_int_equal(index_counts(index, &counts), 0);
                assert_int_equal(counts.records, 1);
                assert_int_equal(counts.open, 1);
                assert_int_equal(counts.open_until, MIDNIGHT + HOUR);
                index_suppose_end(index);
                then = world_ask(index, INDEX_IP, INDEX_USER, edges, 2);
                assert_int_equal(then->total.in, 10);
                assert_int_equal(then->n_ports, 0);
                assert_int_equal(index_counts(index, &counts), 0);
                assert_int_equal(counts.open_until, MIDNIGHT + CLOCK_SECOND);
        }
        /* nor does the end of the process leave anything */
        assert_int_equal(index_suppose(index, records, 2), 0);
        index = index_free(index);
        index = world_taken(state);
        assert_int_equal(index_counts(index, &counts), 0);
        assert_int_equal(counts.open_until, MIDNIGHT + CLOCK_SECOND);
        for (size_t i = 0; i < 2; i++)
                (void)record_free(records[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_ports, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_ports_excluded, temporary_setup,
                                                temporary_teardown),
                cmocka_unit_test_setup_teardown(test_ports_unknown, temporary_setup,
                                                temporary_teardown),
                cmocka_unit_test_setup_teardown(test_ports_incomplete, temporary_setup,
                                                temporary_teardown),
                cmocka_unit_test_setup_teardown(test_suppose, temporary_setup, temporary_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
