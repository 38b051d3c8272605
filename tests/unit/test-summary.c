/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a session's records, together, say of it: the same in whatever order they come, and however
 * often.
 */

#include "base/clock.h"
#include "store/summary.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define MIDNIGHT (UINT64_C(1795392000) * CLOCK_SECOND) /* 2026-11-23T00:00:00Z */
#define MOST 12

static char session[] = "01a20450-bb0f-79f8-b748-000000000001";
static char start[] = "start", interim[] = "interim", stop[] = "stop", port[] = "port";

#define BEGAN (UINT64_C(0x01a20450bb0f) * 1000) /* as session has it */

struct world {
        struct record record;
        char time[CLOCK_TEXT_MAX];
};

static void world_make(struct world *world, int64_t seq, char *event, uint64_t time) {
        *world = (struct world){ .record = { .event = event,
                                             .session = session,
                                             .seq = seq,
                                             .duration = RECORD_UNKNOWN,
                                             .complete = true } };
        clock_format(time, world->time);
        world->record.time = world->time;
}

static struct summary taken(struct world *worlds, size_t n) {
        struct summary summary = SUMMARY_INIT;

        for (size_t i = 0; i < n; i++)
                (void)summary_take(&summary, &worlds[i].record);
        return summary;
}

static void summary_assert_equal(const struct summary *one, const struct summary *other) {
        assert_int_equal(one->stands, other->stands);
        assert_int_equal(one->last, other->last);
        assert_int_equal(one->began, other->began);
        assert_int_equal(one->time, other->time);
        assert_int_equal(one->flags, other->flags);
}

/* A login as it should be, and what of it is known meanwhile. */
static void test_life(void **state) {
        struct summary summary = SUMMARY_INIT;
        struct world worlds[3];

        (void)state;
        world_make(&worlds[0], 0, start, MIDNIGHT);
        worlds[0].record.complete = false; /* it does not know */
        world_make(&worlds[1], 1, interim, MIDNIGHT + 300 * CLOCK_SECOND);
        worlds[1].record.duration = 300 * (int64_t)CLOCK_SECOND;
        worlds[1].record.complete = false;
        world_make(&worlds[2], 2, stop, MIDNIGHT + 400 * CLOCK_SECOND);
        worlds[2].record.duration = 400 * (int64_t)CLOCK_SECOND;

        assert_true(summary_take(&summary, &worlds[0].record));
        assert_int_equal(summary.flags, SUMMARY_START);
        assert_int_equal(summary.began, BEGAN);
        assert_true(summary_take(&summary, &worlds[1].record));
        assert_int_equal(summary.flags, SUMMARY_INCOMPLETE);
        assert_false(summary_take(&summary, &worlds[1].record));
        assert_true(summary_take(&summary, &worlds[2].record));
        assert_int_equal(summary.flags, SUMMARY_STOP);
        assert_int_equal(summary.stands, 2);
        assert_int_equal(summary.last, 2);
        assert_int_equal(summary.began, BEGAN);
        assert_int_equal(summary.time, MIDNIGHT + 400 * CLOCK_SECOND);
}

/* The stop record stands for its session, also where a higher number is in the log; and so does the
 * first of two lines with one number. */
static void test_behind_stop(void **state) {
        struct world worlds[4];
        struct summary summary;

        (void)state;
        world_make(&worlds[0], 9, interim, MIDNIGHT + 9);
        world_make(&worlds[1], 2, stop, MIDNIGHT + 2);
        world_make(&worlds[2], 2, stop, MIDNIGHT + 3);
        world_make(&worlds[3], 10, interim, MIDNIGHT + 10);
        worlds[3].record.excluded = true;
        summary = taken(worlds, 4);
        assert_int_equal(summary.stands, 2);
        assert_int_equal(summary.time, MIDNIGHT + 2);
        assert_int_equal(summary.last, 10);
        assert_int_equal(summary.flags, SUMMARY_STOP | SUMMARY_EXCLUDED);
}

static void test_port(void **state) {
        struct world worlds[2];

        (void)state;
        world_make(&worlds[0], 0, port, MIDNIGHT);
        world_make(&worlds[1], 1, port, MIDNIGHT + 1);
        worlds[1].record.complete = false;
        assert_int_equal(taken(worlds, 1).flags, SUMMARY_PORT);
        assert_int_equal(taken(worlds, 2).flags, SUMMARY_PORT | SUMMARY_INCOMPLETE);
}

/* The id says when a session began, whatever its end and its length are. One that is not ours has
 * no time: then the length tells. */
static void test_began(void **state) {
        char other[] = "01a20450-bb0f-49f8-b748-000000000001"; /* of version 4: no time */
        struct world world;

        (void)state;
        world_make(&world, 1, stop, MIDNIGHT);
        assert_int_equal(summary_began(&world.record), BEGAN);
        world.record.duration = 60 * (int64_t)CLOCK_SECOND;
        assert_int_equal(summary_began(&world.record), BEGAN);
        world.record.session = other;
        assert_int_equal(summary_began(&world.record), MIDNIGHT - 60 * CLOCK_SECOND);
        world.record.duration = RECORD_UNKNOWN;
        assert_int_equal(summary_began(&world.record), MIDNIGHT);
        world.record.duration = 0;
        assert_int_equal(summary_began(&world.record), MIDNIGHT);
        world.record.duration = INT64_MAX;
        assert_int_equal(summary_began(&world.record), 0);
}

/* What the rules say, from all records at once: those of each number once, by their number. */
static struct summary model(struct world *worlds, size_t n) {
        struct summary summary = SUMMARY_INIT;
        const struct world *last = worlds, *stands = NULL;

        for (size_t i = 0; i < n; i++) {
                const struct world *world = &worlds[i];
                bool stopped = stands && stands->record.event == stop;

                if (world->record.seq > last->record.seq)
                        last = world;
                if (world->record.event == stop) {
                        summary.flags |= SUMMARY_STOP;
                        if (!stopped || world->record.seq > stands->record.seq)
                                stands = world;
                }
                if (world->record.excluded)
                        summary.flags |= SUMMARY_EXCLUDED;
        }
        if (!stands)
                stands = last;
        summary.last = last->record.seq;
        summary.flags |= last->record.event == start ? SUMMARY_START : 0;
        summary.flags |=
                last->record.event != start && !last->record.complete ? SUMMARY_INCOMPLETE : 0;
        summary.stands = stands->record.seq;
        assert_int_equal(clock_parse(stands->time, &summary.time), 0);
        summary.began = summary_began(&stands->record);
        return summary;
}

/* Some of a session's records, each perhaps several times, in any order. */
static void test_any_order(void **state) {
        unsigned int seed = 1;

        (void)state;
        for (unsigned int round = 0; round < 20000; round++) {
                struct world worlds[2 * MOST];
                struct summary is, again, wanted;
                size_t n = 1 + (size_t)rand_r(&seed) % MOST, have = 0;

                for (size_t i = 0; i < n; i++) {
                        unsigned int dice = (unsigned int)rand_r(&seed);
                        char *event = !i ? start : dice % 5 == 0 ? stop : interim;

                        world_make(&worlds[have], (int64_t)i, event,
                                   MIDNIGHT + (uint64_t)rand_r(&seed) % 1000000);
                        worlds[have].record.duration = dice % 3 ? RECORD_UNKNOWN : (int64_t)i * 7;
                        worlds[have].record.complete = dice % 7 > 1;
                        worlds[have].record.excluded = dice % 11 == 0;
                        /* one in four is missing */
                        have += dice % 4 != 0;
                }
                n = have;
                for (size_t i = 0; i < n; i++)
                        if (rand_r(&seed) % 3 == 0)
                                worlds[have++] = worlds[i];
                if (!n)
                        continue;
                for (size_t i = 0; i < have; i++) {
                        size_t other = (size_t)rand_r(&seed) % have;
                        struct world world = worlds[i];

                        worlds[i] = worlds[other];
                        worlds[other] = world;
                }
                for (size_t i = 0; i < have; i++)
                        worlds[i].record.time = worlds[i].time;
                is = taken(worlds, have);
                wanted = model(worlds, have);
                summary_assert_equal(&is, &wanted);
                /* all of it once more, as from a file that was rotated meanwhile */
                again = is;
                for (size_t i = 0; i < have; i++)
                        assert_false(summary_take(&again, &worlds[i].record));
                summary_assert_equal(&again, &is);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_life),      cmocka_unit_test(test_behind_stop),
                cmocka_unit_test(test_port),      cmocka_unit_test(test_began),
                cmocka_unit_test(test_any_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
