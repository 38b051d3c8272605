/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A thread that fills ahead: everything arrives, once, in order; the end, a fault at either side,
 * and an end before the end.
 */

#include "pam_traffic/pump.h"
#include "unit.h"

#include <stdint.h>

struct source {
        uint32_t next, end;
        int error; /* at the end, instead of 0 */
};

struct sink {
        uint32_t next;
        uint32_t stop_at; /* 0: never */
};

static ssize_t fill(void *context, void *part, size_t size) {
        struct source *source = context;
        uint32_t *numbers = part;
        size_t n = 0;

        /* parts of other sizes, too */
        while (source->next < source->end && n < size / sizeof(*numbers) - source->next % 2)
                numbers[n++] = source->next++;
        return n ? (ssize_t)(n * sizeof(*numbers)) : source->error;
}

static int take(void *context, const void *part, size_t size) {
        struct sink *sink = context;
        const uint32_t *numbers = part;

        for (size_t i = 0; i < size / sizeof(*numbers); i++) {
                assert_int_equal(numbers[i], sink->next++);
                if (sink->next == sink->stop_at)
                        return 7;
        }
        return 0;
}

/* Fewer parts than there is data, as many, and more. */
static void test_order(void **state) {
        static const uint32_t ends[] = { 0, 1, 15, 16, 17, 100, 100000 };

        (void)state;
        for (unsigned int n = 1; n < 10; n += 4)
                for (size_t i = 0; i < UNIT_COUNT(ends); i++) {
                        _cleanup_(pump_freep) struct pump *pump = NULL;
                        struct source source = { .end = ends[i] };
                        struct sink sink = { 0 };

                        assert_int_equal(pump_new(fill, &source, 16, n, &pump), 0);
                        assert_int_equal(pump_drain(pump, take, &sink), 0);
                        assert_int_equal(sink.next, ends[i]);
                }
}

static void test_faults(void **state) {
        struct source source = { .end = 1000, .error = -EIO };
        struct source other = { .end = 100000 };
        struct sink sink = { 0 }, stops = { .stop_at = 500 };
        struct pump *pump;

        (void)state;
        assert_int_equal(pump_new(fill, &source, 16, 3, &pump), 0);
        assert_int_equal(pump_drain(pump, take, &sink), -EIO);
        assert_int_equal(sink.next, 1000); /* what came before it is not lost */
        assert_null(pump_free(pump));

        assert_int_equal(pump_new(fill, &other, 16, 3, &pump), 0);
        assert_int_equal(pump_drain(pump, take, &stops), 7);
        assert_int_equal(stops.next, 500);
        assert_null(pump_free(pump));
        /* it waits for room, and is no longer wanted */
        other.next = 0;
        assert_int_equal(pump_new(fill, &other, 16, 3, &pump), 0);
        assert_null(pump_free(pump));
        assert_null(pump_free(NULL));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order),
                cmocka_unit_test(test_faults),
        };

        return cmocka_run_group_tests_name("pump", tests, NULL, NULL);
}
