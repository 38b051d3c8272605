/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Clocks and the text form of a moment.
 *
 * Relies on: clock_gettime(2); RFC 3339 for the text.
 */

#include "base/clock.h"

#include "base/number.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/**
 * clock_now() - read a clock
 * @clock:      CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME
 *
 * Return: microseconds since the clock's own zero.
 */
uint64_t clock_now(clockid_t clock) {
        struct timespec now = { 0 };

        (void)clock_gettime(clock, &now);
        return (uint64_t)now.tv_sec * CLOCK_SECOND + (uint64_t)now.tv_nsec / 1000;
}

/**
 * clock_sleep() - wait
 * @microseconds:       how long; a signal may end it early
 */
void clock_sleep(uint64_t microseconds) {
        struct timespec span = {
                .tv_sec = (time_t)(microseconds / CLOCK_SECOND),
                .tv_nsec = (long)(microseconds % CLOCK_SECOND) * 1000,
        };

        (void)nanosleep(&span, NULL);
}

/**
 * clock_format() - write a moment as records have it
 * @realtime:   microseconds of CLOCK_REALTIME
 * @ret_text:   RFC 3339, UTC, microseconds, Z
 */
void clock_format(uint64_t realtime, char ret_text[static CLOCK_TEXT_MAX]) {
        time_t seconds = (time_t)(realtime / CLOCK_SECOND);
        struct tm utc = { 0 };
        size_t n;

        (void)gmtime_r(&seconds, &utc);
        n = strftime(ret_text, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &utc);
        (void)snprintf(ret_text + n, CLOCK_TEXT_MAX - n, ".%06uZ",
                       (unsigned int)(realtime % CLOCK_SECOND));
}

static bool clock_is_leap(uint64_t year) {
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool clock_is_date(uint64_t year, uint64_t month, uint64_t day) {
        static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        return month >= 1 && month <= 12 && day >= 1 &&
               day <= days[month - 1] + (uint64_t)(month == 2 && clock_is_leap(year));
}

/* Days since 1970: a log of a million lines has no time for timegm(3). Months are counted from
 * March, so that the leap day is a year's last; 719468 days are from the 1st of March of year 0 to
 * 1970. */
static uint64_t clock_days(uint64_t year, uint64_t month, uint64_t day) {
        uint64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

        return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/**
 * clock_parse() - read a moment as records have it
 * @text:               as clock_format() writes it, and nothing else
 * @ret_realtime:       microseconds of CLOCK_REALTIME
 *
 * Return: 0, or -EINVAL.
 */
int clock_parse(const char *text, uint64_t *ret_realtime) {
        static const char form[] = "dddd-dd-ddTdd:dd:dd.ddddddZ";
        uint64_t number[7] = { 0 }, seconds;
        size_t n = 0;

        if (strlen(text) != sizeof(form) - 1)
                return -EINVAL;
        for (size_t i = 0; i < sizeof(form) - 1;) {
                size_t digits = strspn(form + i, "d");

                if (!digits) {
                        if (text[i] != form[i])
                                return -EINVAL;
                        i++;
                        continue;
                }
                if (number_parse(text + i, digits, 10, 999999, &number[n++]) < 0)
                        return -EINVAL;
                i += digits;
        }

        if (!clock_is_date(number[0], number[1], number[2]) || number[3] > 23 || number[4] > 59 ||
            number[5] > 59 || number[0] < 1970)
                return -EINVAL;
        seconds = clock_days(number[0], number[1], number[2]) * 86400 + number[3] * 3600 +
                  number[4] * 60 + number[5];
        *ret_realtime = seconds * CLOCK_SECOND + number[6];
        return 0;
}
