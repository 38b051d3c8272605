/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Clocks and the text form of a moment.
 *
 * Relies on: clock_gettime(2); RFC 3339 for the text.
 */

#include "pam_traffic/clock.h"

#include "pam_traffic/number.h"

#include <errno.h>
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

/**
 * clock_parse() - read a moment as records have it
 * @text:               as clock_format() writes it, and nothing else
 * @ret_realtime:       microseconds of CLOCK_REALTIME
 *
 * Return: 0, or -EINVAL.
 */
int clock_parse(const char *text, uint64_t *ret_realtime) {
        static const char form[] = "dddd-dd-ddTdd:dd:dd.ddddddZ";
        char again[CLOCK_TEXT_MAX];
        uint64_t number[7] = { 0 };
        struct tm utc = { 0 };
        time_t seconds;
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

        utc.tm_year = (int)number[0] - 1900;
        utc.tm_mon = (int)number[1] - 1;
        utc.tm_mday = (int)number[2];
        utc.tm_hour = (int)number[3];
        utc.tm_min = (int)number[4];
        utc.tm_sec = (int)number[5];
        seconds = timegm(&utc);
        if (seconds < 0)
                return -EINVAL;
        /* timegm() takes the 31st of February for a day in March */
        clock_format((uint64_t)seconds * CLOCK_SECOND + number[6], again);
        if (strcmp(text, again) != 0)
                return -EINVAL;
        *ret_realtime = (uint64_t)seconds * CLOCK_SECOND + number[6];
        return 0;
}
