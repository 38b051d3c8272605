/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When days and reporting months begin: billing days, time zones, days that clocks change.
 */

#include "base/clock.h"
#include "cli/shared/calendar.h"
#include "cli/shared/period.h"
#include "unit.h"

#include <stdlib.h>
#include <time.h>

static void calendar_expect(uint64_t got, const char *wanted) {
        char text[CLOCK_TEXT_MAX];

        clock_format(got, text);
        assert_string_equal(text, wanted);
}

static struct calendar calendar_of(const char *zone, const char *now, uint64_t billing_day) {
        struct calendar calendar = { .billing_day = billing_day };

        assert_int_equal(setenv("TZ", zone, 1), 0);
        tzset();
        assert_int_equal(clock_parse(now, &calendar.now), 0);
        return calendar;
}

static void test_days(void **state) {
        struct calendar calendar = calendar_of("UTC", "2026-03-01T10:00:00.000000Z", 1);
        char text[CALENDAR_TEXT_MAX];

        (void)state;
        calendar_expect(calendar_day(&calendar, 0), "2026-03-01T00:00:00.000000Z");
        calendar_expect(calendar_day(&calendar, 1), "2026-02-28T00:00:00.000000Z");
        calendar_expect(calendar_day(&calendar, 60), "2025-12-31T00:00:00.000000Z");

        /* clocks were put forward at 2 o'clock; and the day is another one than UTC's */
        calendar = calendar_of("Europe/Berlin", "2026-03-29T22:30:00.000000Z", 1);
        calendar_expect(calendar_day(&calendar, 0), "2026-03-29T22:00:00.000000Z");
        calendar_expect(calendar_day(&calendar, 1), "2026-03-28T23:00:00.000000Z");
        calendar_date(calendar.now, text);
        assert_string_equal(text, "2026-03-30");
        period_use_utc();
        calendar_expect(calendar_day(&calendar, 0), "2026-03-29T00:00:00.000000Z");
        calendar_date(calendar.now, text);
        assert_string_equal(text, "2026-03-29");
}

static void test_months(void **state) {
        struct calendar calendar = calendar_of("UTC", "2026-01-14T23:59:59.999999Z", 15);

        (void)state;
        calendar_expect(calendar_month(&calendar, 0), "2025-12-15T00:00:00.000000Z");
        calendar_expect(calendar_month(&calendar, 1), "2025-11-15T00:00:00.000000Z");
        calendar.now++;
        calendar_expect(calendar_month(&calendar, 0), "2026-01-15T00:00:00.000000Z");
        calendar_expect(calendar_month(&calendar, 12), "2025-01-15T00:00:00.000000Z");

        calendar = calendar_of("America/New_York", "2026-03-01T04:59:59.000000Z", 1);
        calendar_expect(calendar_month(&calendar, 0), "2026-02-01T05:00:00.000000Z");
        calendar = calendar_of("UTC", "2026-03-31T00:00:00.000000Z", 28);
        calendar_expect(calendar_month(&calendar, 0), "2026-03-28T00:00:00.000000Z");
        calendar_expect(calendar_month(&calendar, 1), "2026-02-28T00:00:00.000000Z");
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_days),
                cmocka_unit_test(test_months),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
