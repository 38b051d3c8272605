/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Clocks and the text form of a moment.
 *
 * Relies on: clock_gettime(2); RFC 3339 for the text.
 */

#include "pam_traffic/clock.h"

#include <stdio.h>

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
