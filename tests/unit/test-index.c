/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the index answers: sums to the byte, in the hours in which they flowed, of records in any
 * order; sessions once; what is not known is said.
 */

#include "index-world.h"
#include "unit.h"

/* A session over midnight: half of its bytes belong to each day. */
static void test_midnight(void **state) {
        const uint64_t edges[] = { MIDNIGHT - 24 * HOUR, MIDNIGHT, MIDNIGHT + 24 * HOUR };
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        world_add(state, "log",
                  &(struct world_record){ 1, 0, "start", MIDNIGHT - HOUR, NULL, 100, 100, NULL });
        world_add(state, "log",
                  &(struct world_record){ 1, 1, "stop", MIDNIGHT + HOUR, NULL, 1101, 1001, NULL });
        index = world_taken(state);
        answer = world_ask(index, INDEX_IP, INDEX_USER, edges, 3);
        assert_int_equal(answer->n, 2);
        assert_string_equal(answer->sums[0].key[0], "alice");
        assert_int_equal(answer->sums[0].span, 0);
        assert_int_equal(answer->sums[0].in, 600);
        assert_int_equal(answer->sums[0].out, 1201);
        assert_int_equal(answer->sums[1].in, 501);
        assert_int_equal(answer->sums[1].out, 1001);
        /* it was there on both days, and is one */
        assert_int_equal(answer->sums[0].sessions, 1);
        assert_int_equal(answer->sums[1].sessions, 1);
        assert_int_equal(answer->total.sessions, 1);
        assert_int_equal(answer->total.in, 1101);
        assert_int_equal(answer->total.out, 2202);
}

/* A session that goes on through a span is in it; one that ended before is not. */
static void test_sessions(void **state) {
        const uint64_t edges[] = { MIDNIGHT + 2 * HOUR, MIDNIGHT + 3 * HOUR };
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        world_add(state, "log",
                  &(struct world_record){ 1, 0, "start", MIDNIGHT, "alice", 1, 1, NULL });
        world_add(state, "log",
                  &(struct world_record){ 2, 0, "start", MIDNIGHT, "alice", 1, 1, NULL });
        world_add(state, "log",
                  &(struct world_record){ 2, 1, "stop", MIDNIGHT + HOUR, "alice", 5, 4, NULL });
        world_add(state, "log",
                  &(struct world_record){ 1, 1, "stop", MIDNIGHT + 4 * HOUR, "alice", 401, 400,
                                          NULL });
        index = world_taken(state);
        answer = world_ask(index, INDEX_IP, INDEX_USER, edges, 2);
        assert_int_equal(answer->n, 1);
        assert_int_equal(answer->sums[0].in, 100);
        assert_int_equal(answer->sums[0].sessions, 1);
        assert_int_equal(answer->total.sessions, 1);
}

/* Wire and payload have totals alone; null is not 0. */
static void test_layers(void **state) {
        const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + 24 * HOUR };
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *wire = NULL, *payload = NULL;

        world_add(state, "log",
                  &(struct world_record){ 1, 0, "start", MIDNIGHT, "a", 1, 1,
                                          ",\"wire_in_bytes\":10,\"wire_out_bytes\":20" });
        world_add(state, "log",
                  &(struct world_record){ 1, 1, "interim", MIDNIGHT + HOUR, "a", 1, 0, NULL });
        world_add(state, "log",
                  &(struct world_record){ 1, 2, "stop", MIDNIGHT + HOUR, "a", 1, 0,
                                          ",\"wire_in_bytes\":70,\"wire_out_bytes\":80" });
        index = world_taken(state);
        wire = world_ask(index, INDEX_WIRE, INDEX_USER, edges, 2);
        assert_int_equal(wire->total.in, 70);
        assert_int_equal(wire->total.out, 80);
        assert_int_equal(wire->total.unknown, 0);
        payload = world_ask(index, INDEX_PAYLOAD, INDEX_USER, edges, 2);
        assert_int_equal(payload->total.in, 0);
        assert_int_equal(payload->total.unknown, 1);
        assert_int_equal(payload->total.sessions, 1);
}

static void test_marks(void **state) {
        const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + HOUR };
        struct index_counts counts;
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        world_append(state, "log",
                     "{\"v\":1,\"event\":\"start\",\"time\":\"2026-11-23T00:00:01.000000Z\","
                     "\"session\":\"01a20450-bb0f-79f8-b748-000000000001\",\"seq\":0,\"user\":"
                     "\"ex\",\"excluded\":true}\n"
                     "{\"v\":1,\"event\":\"stop\",\"time\":\"2026-11-23T00:00:02.000000Z\","
                     "\"session\":\"01a20450-bb0f-79f8-b748-000000000002\",\"seq\":1,\"user\":"
                     "\"gone\",\"complete\":false,\"terminate_cause\":\"NAS-Error\"}\n");
        world_add(state, "log",
                  &(struct world_record){ 3, 0, "start", MIDNIGHT, "on", 7, 7, NULL });
        index = world_taken(state);
        answer = world_ask(index, INDEX_IP, INDEX_USER, edges, 2);
        assert_int_equal(answer->n, 3);
        assert_int_equal(answer->total.sessions, 3);
        assert_int_equal(answer->total.excluded, 1);
        assert_int_equal(answer->total.unknown, 1);
        assert_int_equal(answer->total.incomplete, 1);
        assert_int_equal(answer->total.in, 7);
        assert_int_equal(index_counts(index, &counts), 0);
        assert_int_equal(counts.records, 3);
        assert_int_equal(counts.sessions, 3);
        assert_int_equal(counts.open, 2);
        assert_int_equal(counts.incomplete, 1);
        assert_int_equal(counts.first, MIDNIGHT);
        assert_int_equal(counts.last, MIDNIGHT + 2 * CLOCK_SECOND);
}

#define MANY 60

/* All sums by quarter of an hour, as one text. */
static char *picture(struct index *index) {
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        uint64_t edges[4 * 48 + 1];
        size_t size, n = sizeof(edges) / sizeof(*edges);
        char *text = NULL;
        FILE *stream = open_memstream(&text, &size);

        for (size_t i = 0; i < n; i++)
                edges[i] = MIDNIGHT + i * INDEX_SLOT;
        for (size_t ask = 0; ask < 4; ask++) {
                const struct index_query query = {
                        .edges = edges,
                        .n_edges = n,
                        .layer = ask / 2 ? INDEX_WIRE : INDEX_IP,
                        .user = ask % 2 ? "bob" : "alice",
                };

                answer = index_ask_free(answer);
                assert_int_equal(index_ask(index, &query, &answer), 0);
                for (size_t i = 0; i < answer->n; i++)
                        if (answer->sums[i].in || answer->sums[i].sessions)
                                (void)fprintf(stream,
                                              "%s %zu %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                                              query.user, answer->sums[i].span, answer->sums[i].in,
                                              answer->sums[i].sessions, answer->sums[i].unknown);
        }
        (void)fclose(stream);
        return text;
}

/* The same records in any order, some of them twice, some missing, give the same sums. */
static void test_order(void **state) {
        _cleanup_(freep) char *first = NULL;
        char lines[MANY][WORLD_LINE_MAX];
        unsigned int seed = 1;

        for (unsigned int i = 0; i < MANY; i++) {
                unsigned int session = i % 3, seq = i / 3;
                char more[64];

                (void)snprintf(more, sizeof(more), ",\"wire_in_bytes\":%u,\"wire_out_bytes\":0",
                               seq * 1000);
                (void)strcpy(lines[i], world_line(&(struct world_record){
                                               session, (int)seq, seq ? "interim" : "start",
                                               MIDNIGHT + (seq * 2100 + session) * CLOCK_SECOND,
                                               session == 2 ? "bob" : "alice", seq * 12345 + 7,
                                               seq ? 12345 : 7, session ? more : NULL }));
        }
        for (int round = 0; round < 12; round++) {
                _cleanup_(index_freep) struct index *index = world_open(state);
                _cleanup_(freep) char *now = NULL;

                for (unsigned int i = 0; i < MANY; i++) {
                        unsigned int other = round ? (unsigned int)rand_r(&seed) % MANY : i;
                        char line[WORLD_LINE_MAX];

                        memcpy(line, lines[i], sizeof(line));
                        memmove(lines[i], lines[other], sizeof(line));
                        memcpy(lines[other], line, sizeof(line));
                }
                /* in parts: what comes late may find its session written already */
                (void)unlink(temporary_path(state, "log"));
                for (unsigned int i = 0; i < MANY; i++) {
                        if (strstr(lines[i], "\"seq\":11,"))
                                continue;
                        world_append(state, "log", lines[i]);
                        if (i % 4 == 0)
                                world_append(state, "log", lines[i]);
                        if (i % 10 == 0)
                                assert_int_equal(world_take(state, index, NULL), 0);
                }
                assert_int_equal(world_take(state, index, NULL), 0);
                now = picture(index);
                if (!first) {
                        first = pointer_steal(&now);
                        assert_non_null(strstr(first, "bob"));
                } else {
                        assert_string_equal(now, first);
                }
        }
}

/* A record that is missing: the next one's total has what it would have said. */
static void test_missing(void **state) {
        const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + 24 * HOUR };
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        world_add(state, "log",
                  &(struct world_record){ 1, 0, "start", MIDNIGHT, NULL, 10, 10, NULL });
        world_append(state, "log", "{\"v\":1,\"event\":\"interim\",\"ti\n");
        world_add(state, "log",
                  &(struct world_record){ 1, 2, "stop", MIDNIGHT + HOUR, NULL, 60, 20, NULL });
        index = world_taken(state);
        answer = world_ask(index, INDEX_IP, INDEX_USER, edges, 2);
        assert_int_equal(answer->total.in, 60);
}

/* A session is whose its first record says, also where that comes last. */
static void test_whose(void **state) {
        const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + 24 * HOUR };
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        world_add(state, "log",
                  &(struct world_record){ 1, 1, "interim", MIDNIGHT + HOUR, "late", 60, 20, NULL });
        index = world_taken(state);
        world_add(state, "log",
                  &(struct world_record){ 1, 0, "start", MIDNIGHT, "first", 40, 40, NULL });
        assert_int_equal(world_take(state, index, NULL), 0);
        answer = world_ask(index, INDEX_IP, INDEX_USER, edges, 2);
        for (size_t i = 0; i < answer->n; i++)
                if (!strcmp(answer->sums[i].key[0], "first")) {
                        assert_int_equal(answer->sums[i].in, 60);
                        assert_int_equal(answer->sums[i].sessions, 1);
                } else {
                        assert_int_equal(answer->sums[i].in, 0);
                        assert_int_equal(answer->sums[i].sessions, 0);
                }
        assert_int_equal(answer->total.sessions, 1);
}

/* Numbers that no login has; and a span of years, which is not parted into millions of slots. */
static void test_hostile(void **state) {
        const uint64_t edges[] = { 0, UINT64_C(4000000000) * CLOCK_SECOND };
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        for (unsigned int i = 0; i < 4; i++) {
                world_add(state, "log",
                          &(struct world_record){ i, 0, "start", 1, NULL, INT64_MAX / 2,
                                                  INT64_MAX / 2, NULL });
                world_add(state, "log",
                          &(struct world_record){ i, 2000000000, "interim", MIDNIGHT, NULL,
                                                  INT64_MAX / 2, INT64_MAX / 2, NULL });
        }
        world_append(state, "log",
                     "{\"v\":1,\"event\":\"stop\",\"time\":\"9999-12-31T23:59:59.999999Z\","
                     "\"session\":\"01a20450-bb0f-79f8-b748-000000000001\",\"seq\":"
                     "9223372036854775807,\"in_bytes\":9223372036854775807}\n");
        index = world_taken(state);
        answer = world_ask(index, INDEX_IP, INDEX_NETWORK, edges, 2);
        assert_int_equal(answer->n, 1);
        assert_string_equal(answer->sums[0].key[0], "10.77.0.0/24");
}

/* What alice's sums are, by days and by slots; bob's 5 and 10 are what they were. */
static void check_alice(struct index *index, uint64_t in, uint64_t out) {
        for (uint64_t hours = 1; hours <= 24; hours += 23) {
                const uint64_t edges[] = { MIDNIGHT, MIDNIGHT + hours * HOUR };
                _cleanup_(index_ask_freep) struct index_answer *answer =
                        world_ask(index, INDEX_IP, INDEX_USER, edges, 2);

                assert_int_equal(answer->n, 2);
                for (size_t i = 0; i < 2; i++) {
                        bool alice = !strcmp(answer->sums[i].key[0], "alice");

                        assert_int_equal(answer->sums[i].in, alice ? in : 5);
                        assert_int_equal(answer->sums[i].out, alice ? out : 10);
                }
                assert_int_equal(answer->total.in, in + 5);
                assert_int_equal(answer->total.out, out == INDEX_UNKNOWN ? out : out + 10);
        }
}

/* A sum that is too large for a number is not known: it is not the largest number, and stays so
 * when a part of it is taken back, since a record came late. */
static void test_too_large(void **state) {
        const int64_t large = INT64_MAX / 4; /* out is twice as much */
        _cleanup_(index_freep) struct index *index = world_open(state), *anew = NULL;

        world_add(state, "log",
                  &(struct world_record){ 4, 0, "start", MIDNIGHT, "bob", 5, 5, NULL });
        /* all from one address: they are one row of the database */
        for (unsigned int i = 1; i <= 3; i++) {
                world_add(state, "log",
                          &(struct world_record){ 250 * i, 1, "interim", MIDNIGHT, "alice", large,
                                                  large, NULL });
                assert_int_equal(world_take(state, index, NULL), 0);
                check_alice(index, i * (uint64_t)large,
                            i < 3 ? i * 2 * (uint64_t)large : INDEX_UNKNOWN);
        }
        /* what the later two moved flowed before this day */
        for (unsigned int i = 2; i <= 3; i++)
                world_add(state, "log",
                          &(struct world_record){ 250 * i, 0, "start", MIDNIGHT - 48 * HOUR,
                                                  "alice", 0, 0, NULL });
        assert_int_equal(world_take(state, index, NULL), 0);
        check_alice(index, (uint64_t)large, INDEX_UNKNOWN);
        /* all at once */
        anew = world_taken(state);
        check_alice(anew, (uint64_t)large, INDEX_UNKNOWN);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_midnight, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_sessions, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_layers, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_marks, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_order, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_missing, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_whose, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_hostile, temporary_setup, temporary_teardown),
                cmocka_unit_test_setup_teardown(test_too_large, temporary_setup,
                                                temporary_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
