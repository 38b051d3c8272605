/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What --since and --until mean: the forms, whole days and months, days of 23, 25 and 0 hours,
 * hours that come twice or not at all, what is refused, and the end before the begin.
 */

#include "base/clock.h"
#include "cli/shared/period.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOW "2026-11-22T14:30:10.250000Z"

struct period_case {
        const char *zone;
        const char *now;
        const char *text;
        const char *since, *until; /* UTC */
};

static void period_zone(const char *zone) {
        assert_int_equal(setenv("TZ", zone, 1), 0);
        tzset();
}

/* "2026-11-22T14:30:10Z": the microseconds are often none */
static uint64_t period_of(const char *text) {
        char full[CLOCK_TEXT_MAX];
        uint64_t us = 0;

        (void)strcpy(full, text);
        if (!strchr(full, '.'))
                (void)strcpy(strchr(full, 'Z'), ".000000Z");
        assert_int_equal(clock_parse(full, &us), 0);
        return us;
}

static void period_expect(int r, uint64_t got, const char *wanted, const struct period_case *c) {
        char text[CLOCK_TEXT_MAX];

        clock_format(got, text);
        if (r || got != period_of(wanted))
                fail_msg("%s in %s at %s: %d, %s instead of %s", c->text, c->zone, c->now, r, text,
                         wanted);
}

static void period_check(const struct period_case *cases, size_t n, bool utc) {
        for (size_t i = 0; i < n; i++) {
                const struct period_case *c = &cases[i];
                struct period since = { .since = c->text, .utc = utc };
                struct period until = { .until = c->text, .utc = utc };
                const char *word;
                int r;

                period_zone(c->zone);
                r = period_parse(&since, period_of(c->now), &word);
                period_expect(r, since.begin, c->since, c);
                assert_int_equal(since.end, UINT64_MAX);
                r = period_parse(&until, period_of(c->now), &word);
                period_expect(r, until.end, c->until, c);
                assert_int_equal(until.begin, 0);
        }
}

static void test_forms(void **state) {
        static const struct period_case cases[] = {
                { "UTC", NOW, "now", NOW, NOW },
                { "UTC", NOW, "today", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z" },
                { "UTC", NOW, "yesterday", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z" },
                /* a Sunday, the last day of its week */
                { "UTC", NOW, "this week", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z" },
                { "UTC", NOW, "last week", "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z" },
                { "UTC", NOW, "this month", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z" },
                { "UTC", NOW, "last-month", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z" },
                { "UTC", "2026-01-31T10:00:00Z", "last month", "2025-12-01T00:00:00Z",
                  "2026-01-01T00:00:00Z" },
                { "UTC", "2026-03-31T10:00:00Z", "last month", "2026-02-01T00:00:00Z",
                  "2026-03-01T00:00:00Z" },
                { "UTC", NOW, "this-year", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z" },
                { "UTC", NOW, "last year", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z" },
                { "UTC", NOW, "-30min", "2026-11-22T14:00:10.250000Z",
                  "2026-11-22T14:00:10.250000Z" },
                { "UTC", NOW, "-2h", "2026-11-22T12:30:10.250000Z", "2026-11-22T12:30:10.250000Z" },
                { "UTC", NOW, "-7d", "2026-11-15T14:30:10.250000Z", "2026-11-15T14:30:10.250000Z" },
                { "UTC", NOW, "-1w", "2026-11-15T14:30:10.250000Z", "2026-11-15T14:30:10.250000Z" },
                { "UTC", NOW, "-400days", "2025-10-18T14:30:10.250000Z",
                  "2025-10-18T14:30:10.250000Z" },
                { "UTC", "2026-03-31T10:00:00Z", "-1month", "2026-02-28T10:00:00Z",
                  "2026-02-28T10:00:00Z" },
                { "UTC", "2024-02-29T10:00:00Z", "-1y", "2023-02-28T10:00:00Z",
                  "2023-02-28T10:00:00Z" },
                { "UTC", NOW, "3 days ago", "2026-11-19T14:30:10.250000Z",
                  "2026-11-19T14:30:10.250000Z" },
                { "UTC", NOW, "2-weeks-ago", "2026-11-08T14:30:10.250000Z",
                  "2026-11-08T14:30:10.250000Z" },
                { "UTC", NOW, "90 minutes ago", "2026-11-22T13:00:10.250000Z",
                  "2026-11-22T13:00:10.250000Z" },
                { "UTC", NOW, "1d ago", "2026-11-21T14:30:10.250000Z",
                  "2026-11-21T14:30:10.250000Z" },
                { "UTC", NOW, "-1h30m", "2026-11-22T13:00:10.250000Z",
                  "2026-11-22T13:00:10.250000Z" },
                { "UTC", NOW, "-1month1d", "2026-10-21T14:30:10.250000Z",
                  "2026-10-21T14:30:10.250000Z" },
                { "UTC", NOW, "1 month 1 day 2 hours ago", "2026-10-21T12:30:10.250000Z",
                  "2026-10-21T12:30:10.250000Z" },
                /* it is a Sunday */
                { "UTC", NOW, "sunday", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z" },
                { "UTC", NOW, "monday", "2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z" },
                { "UTC", NOW, "Sat", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z" },
                { "UTC", NOW, "2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z" },
                { "UTC", NOW, "2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z" },
                { "UTC", NOW, "2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z" },
                { "UTC", NOW, "2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z" },
                { "UTC", NOW, "2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z" },
                { "UTC", NOW, "14:00", "2026-11-22T14:00:00Z", "2026-11-22T14:00:00Z" },
                { "UTC", NOW, "2026-11-22T14:00", "2026-11-22T14:00:00Z", "2026-11-22T14:00:00Z" },
                { "UTC", NOW, "2026-11-22 14:00:05", "2026-11-22T14:00:05Z",
                  "2026-11-22T14:00:05Z" },
                { "UTC", NOW, "2026-11-22T14:00:05.25Z", "2026-11-22T14:00:05.250000Z",
                  "2026-11-22T14:00:05.250000Z" },
                { "UTC", NOW, "2026-11-22T14:00:05.000001Z", "2026-11-22T14:00:05.000001Z",
                  "2026-11-22T14:00:05.000001Z" },
                { "Europe/Berlin", NOW, "2026-11-22T14:00Z", "2026-11-22T14:00:00Z",
                  "2026-11-22T14:00:00Z" },
                { "Europe/Berlin", NOW, "2026-11-22T14:00+05:30", "2026-11-22T08:30:00Z",
                  "2026-11-22T08:30:00Z" },
                { "Europe/Berlin", NOW, "2026-11-22 14:00-03:00", "2026-11-22T17:00:00Z",
                  "2026-11-22T17:00:00Z" },
                { "Europe/Berlin", NOW, "2026-11-22 14:00", "2026-11-22T13:00:00Z",
                  "2026-11-22T13:00:00Z" },
                { "Europe/Berlin", NOW, "2026", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z" },
                { "Europe/Berlin", NOW, "1970", "1970-01-01T00:00:00Z", "1970-12-31T23:00:00Z" },
                /* near midnight, today is another day there */
                { "Pacific/Kiritimati", NOW, "today", "2026-11-22T10:00:00Z",
                  "2026-11-23T10:00:00Z" },
                { "America/Los_Angeles", "2026-11-22T05:00:00Z", "today", "2026-11-21T08:00:00Z",
                  "2026-11-22T08:00:00Z" },
                { "Asia/Kathmandu", NOW, "2026-11-22", "2026-11-21T18:15:00Z",
                  "2026-11-22T18:15:00Z" },
        };

        (void)state;
        period_check(cases, UNIT_COUNT(cases), false);
}

static void test_daylight_saving(void **state) {
        static const struct period_case cases[] = {
                /* 23 hours, 25 hours */
                { "Europe/Berlin", NOW, "2026-03-29", "2026-03-28T23:00:00Z",
                  "2026-03-29T22:00:00Z" },
                { "Europe/Berlin", NOW, "2026-10-25", "2026-10-24T22:00:00Z",
                  "2026-10-25T23:00:00Z" },
                { "Europe/Berlin", NOW, "2026-10", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z" },
                /* 02:30 is left out, or comes twice: all of it is meant */
                { "Europe/Berlin", NOW, "2026-03-29 02:30", "2026-03-29T01:00:00Z",
                  "2026-03-29T01:00:00Z" },
                { "Europe/Berlin", NOW, "2026-03-29 03:30", "2026-03-29T01:30:00Z",
                  "2026-03-29T01:30:00Z" },
                { "Europe/Berlin", NOW, "2026-10-25 02:30", "2026-10-25T00:30:00Z",
                  "2026-10-25T01:30:00Z" },
                { "Europe/Berlin", NOW, "2026-10-25T02:30+02:00", "2026-10-25T00:30:00Z",
                  "2026-10-25T00:30:00Z" },
                /* the same time of the day a week before, an hour apart in UTC; hours are hours */
                { "Europe/Berlin", "2026-10-26T12:00:00Z", "-1w", "2026-10-19T11:00:00Z",
                  "2026-10-19T11:00:00Z" },
                { "Europe/Berlin", "2026-10-26T12:00:00Z", "-168h", "2026-10-19T12:00:00Z",
                  "2026-10-19T12:00:00Z" },
                { "Europe/Berlin", "2026-03-29T12:00:00Z", "yesterday", "2026-03-27T23:00:00Z",
                  "2026-03-28T23:00:00Z" },
                { "America/New_York", NOW, "2026-11-01", "2026-11-01T04:00:00Z",
                  "2026-11-02T05:00:00Z" },
                { "Australia/Lord_Howe", NOW, "2026-04-05", "2026-04-04T13:00:00Z",
                  "2026-04-05T13:30:00Z" },
                /* a day that begins at 01:00; one whose midnight comes twice */
                { "America/Santiago", NOW, "2022-09-11", "2022-09-11T04:00:00Z",
                  "2022-09-12T03:00:00Z" },
                { "America/Santiago", NOW, "2022-09-10", "2022-09-10T04:00:00Z",
                  "2022-09-11T04:00:00Z" },
                { "America/Havana", NOW, "2022-11-06", "2022-11-06T04:00:00Z",
                  "2022-11-07T05:00:00Z" },
                { "America/Havana", NOW, "2022-11-05", "2022-11-05T04:00:00Z",
                  "2022-11-06T04:00:00Z" },
                /* a day that was left out as a whole */
                { "Pacific/Apia", NOW, "2011-12-29", "2011-12-29T10:00:00Z",
                  "2011-12-30T10:00:00Z" },
                { "Pacific/Apia", NOW, "2011-12-30", "2011-12-30T10:00:00Z",
                  "2011-12-30T10:00:00Z" },
                /* the clock is put back, and it is no daylight saving */
                { "Europe/Moscow", NOW, "2014-10-26 01:30", "2014-10-25T21:30:00Z",
                  "2014-10-25T22:30:00Z" },
        };

        (void)state;
        period_check(cases, UNIT_COUNT(cases), false);
}

static void test_utc(void **state) {
        static const struct period_case cases[] = {
                { "Europe/Berlin", NOW, "today", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z" },
                { "Europe/Berlin", NOW, "2026-10-25", "2026-10-25T00:00:00Z",
                  "2026-10-26T00:00:00Z" },
                { "Europe/Berlin", NOW, "14:00", "2026-11-22T14:00:00Z", "2026-11-22T14:00:00Z" },
                { "America/New_York", NOW, "2026-11-22 14:00+01:00", "2026-11-22T13:00:00Z",
                  "2026-11-22T13:00:00Z" },
        };

        (void)state;
        period_check(cases, UNIT_COUNT(cases), true);
}

static void test_refused(void **state) {
        static const struct {
                const char *text;
                int error;
        } cases[] = {
                { "", PERIOD_E_FORM },
                { "-", PERIOD_E_FORM },
                { "-d", PERIOD_E_FORM },
                { "-7", PERIOD_E_FORM },
                { "-7q", PERIOD_E_FORM },
                { "--7d", PERIOD_E_FORM },
                { "7d", PERIOD_E_FORM },
                { "3 days", PERIOD_E_FORM },
                { "3 ago", PERIOD_E_FORM },
                { " ago", PERIOD_E_FORM },
                { "ago", PERIOD_E_FORM },
                { "days ago", PERIOD_E_FORM },
                { "-3 days ago", PERIOD_E_FORM },
                { "3 days  ago", PERIOD_E_FORM },
                { "3 daysago", PERIOD_E_FORM },
                { "-1h30", PERIOD_E_FORM },
                { "-1h 30m ", PERIOD_E_FORM },
                { "100001 days ago", PERIOD_E_RANGE },
                { "99999999999999999999 days ago", PERIOD_E_RANGE },
                { "-300d300000h300000h", PERIOD_E_RANGE },
                { "mond", PERIOD_E_FORM },
                { "mo", PERIOD_E_FORM },
                { "tomorrow", PERIOD_E_FORM },
                { "toda", PERIOD_E_FORM },
                { "todayy", PERIOD_E_FORM },
                { "this", PERIOD_E_FORM },
                { "26-11-22", PERIOD_E_FORM },
                { "2026-", PERIOD_E_FORM },
                { "2026-1", PERIOD_E_FORM },
                { "2026-11-", PERIOD_E_FORM },
                { "2026-11-22T", PERIOD_E_FORM },
                { "2026-11-22T14", PERIOD_E_FORM },
                { "2026-11-22T14:00:5", PERIOD_E_FORM },
                { "2026-11-22T14:00:05.", PERIOD_E_FORM },
                { "2026-11-22T14:00:05.1234567", PERIOD_E_FORM },
                { "2026-11-22T14:00+1:00", PERIOD_E_FORM },
                { "2026-11-22T14:00+24:00", PERIOD_E_FORM },
                { "2026-11-22T14:00ZZ", PERIOD_E_FORM },
                { "2026-11-22Z", PERIOD_E_FORM },
                { "2026-11T14:00", PERIOD_E_FORM },
                { "1969", PERIOD_E_RANGE },
                { "2026-13", PERIOD_E_RANGE },
                { "2026-00", PERIOD_E_RANGE },
                { "2026-02-29", PERIOD_E_RANGE },
                { "2026-11-31", PERIOD_E_RANGE },
                { "2026-11-00", PERIOD_E_RANGE },
                { "2026-11-22T24:00", PERIOD_E_RANGE },
                { "2026-11-22T14:60", PERIOD_E_RANGE },
                { "2026-11-22T14:00:60", PERIOD_E_RANGE },
                { "-99999d", PERIOD_E_RANGE },
                { "-99999999999999999999d", PERIOD_E_RANGE },
                { "-9999h", PERIOD_E_RANGE },
        };

        (void)state;
        period_zone("Europe/Berlin");
        for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
                struct period since = { .since = cases[i].text },
                              until = { .until = cases[i].text };
                const char *word = NULL;

                if (period_parse(&since, period_of(NOW), &word) != cases[i].error ||
                    word != cases[i].text ||
                    period_parse(&until, period_of(NOW), &word) != cases[i].error)
                        fail_msg("%s is not refused as it should be", cases[i].text);
                assert_int_equal(since.begin | until.end, 0);
        }
}

static void test_order(void **state) {
        struct period period = { .since = "2026-11-22", .until = "2026-11-22" };
        const char *word;

        (void)state;
        period_zone("UTC");
        assert_int_equal(period_parse(&period, period_of(NOW), &word), 0);
        assert_int_equal(period.end - period.begin, 86400 * CLOCK_SECOND);
        period.until = "2026-11-21";
        assert_int_equal(period_parse(&period, period_of(NOW), &word), PERIOD_E_ORDER);
        assert_string_equal(word, "2026-11-21");
        period.since = period.until = "now";
        assert_int_equal(period_parse(&period, period_of(NOW), &word), PERIOD_E_ORDER);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_forms), cmocka_unit_test(test_daylight_saving),
                cmocka_unit_test(test_utc),   cmocka_unit_test(test_refused),
                cmocka_unit_test(test_order),
        };

        return cmocka_run_group_tests_name("period", tests, NULL, NULL);
}
