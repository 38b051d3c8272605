/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When days and reporting months begin.
 *
 * Relies on: period.c, which knows at what moment a date begins, also if clocks are put forward at
 * midnight.
 */

#include "calendar.h"

#include "base/base.h"
#include "period.h"

#include <stdio.h>
#include <time.h>

/**
 * calendar_fields() - take a moment apart
 * @realtime:   the moment, microseconds of CLOCK_REALTIME
 *
 * Return: its date and time in the admin's time zone.
 */
struct tm calendar_fields(uint64_t realtime) {
        time_t seconds = (time_t)(realtime / CLOCK_SECOND);
        struct tm fields = { 0 };

        (void)localtime_r(&seconds, &fields);
        return fields;
}

/* The date that these fields come to: the 32nd of a month is in the next one. */
static uint64_t calendar_begin(const struct calendar *calendar, struct tm fields) {
        char text[CALENDAR_TEXT_MAX];
        struct period day = { .since = text };
        const char *word;

        (void)timegm(&fields);
        (void)strftime(text, sizeof(text), "%Y-%m-%d", &fields);
        (void)period_parse(&day, calendar->now, &word);
        return day.begin;
}

/**
 * calendar_day() - tell when a day begins
 * @calendar:   what today is
 * @ago:        how many days ago; 0: today
 *
 * Return: microseconds of CLOCK_REALTIME; 0 for a day before 1970.
 */
uint64_t calendar_day(const struct calendar *calendar, unsigned int ago) {
        struct tm fields = calendar_fields(calendar->now);

        fields.tm_mday -= (int)ago;
        return calendar_begin(calendar, fields);
}

/**
 * calendar_week() - tell when this week began
 * @calendar:   what today is
 *
 * Return: the begin of its Monday (ISO 8601), as calendar_day().
 */
uint64_t calendar_week(const struct calendar *calendar) {
        struct tm fields = calendar_fields(calendar->now);

        return calendar_day(calendar, (unsigned int)(fields.tm_wday + 6) % 7);
}

/**
 * calendar_month() - tell when a reporting month begins
 * @calendar:   what today is, and on which day months begin
 * @ago:        how many months ago; 0: the running one
 *
 * Return: as calendar_day().
 */
uint64_t calendar_month(const struct calendar *calendar, unsigned int ago) {
        struct tm fields = calendar_fields(calendar->now);

        fields.tm_mon -= (int)ago + (fields.tm_mday < (int)calendar->billing_day);
        fields.tm_mday = (int)calendar->billing_day;
        return calendar_begin(calendar, fields);
}

/**
 * calendar_date() - write the date of a moment
 * @realtime:   the moment
 * @ret_text:   2026-11-22
 */
void calendar_date(uint64_t realtime, char ret_text[static CALENDAR_TEXT_MAX]) {
        struct tm fields = calendar_fields(realtime);

        ret_text[0] = '\0';
        (void)strftime(ret_text, CALENDAR_TEXT_MAX, "%Y-%m-%d", &fields);
}
