/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Numbers and moments for people: three digits or so, the unit behind them. Pure, but for the time
 * zone, which is the admin's (TZ, localtime(3)).
 */

#include "human.h"

#include "base/base.h"
#include "calendar.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

/**
 * human_bytes() - write a number of bytes
 * @bytes:      the number
 * @ret_text:   in units of 1024: 917, 4.7K, 10M
 */
void human_bytes(uint64_t bytes, char ret_text[static HUMAN_TEXT_MAX]) {
        static const char units[] = " KMGTPE";
        unsigned int unit = 0;
        uint64_t whole = bytes, tenths;

        if (bytes < 1024) {
                (void)snprintf(ret_text, HUMAN_TEXT_MAX, "%" PRIu64, bytes);
                return;
        }
        /* the unit in which, rounded, it is below 1024 */
        while (whole >= 1024) {
                unit++;
                whole = (bytes >> (10 * unit)) + (bytes >> (10 * unit - 1) & 1);
        }
        /* the bits that a tenth needs, and no overflow */
        tenths = ((bytes >> (10 * (unit - 1))) * 10 + 512) >> 10;
        if (tenths < 100)
                (void)snprintf(ret_text, HUMAN_TEXT_MAX, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10,
                               tenths % 10, units[unit]);
        else
                (void)snprintf(ret_text, HUMAN_TEXT_MAX, "%" PRIu64 "%c", whole, units[unit]);
}

/**
 * human_duration() - write a span of time
 * @microseconds:       the span
 * @ret_text:           its two largest units: 0.08s, 59s, 2m05s, 3h20m, 4d07h
 */
void human_duration(uint64_t microseconds, char ret_text[static HUMAN_TEXT_MAX]) {
        uint64_t s = microseconds / CLOCK_SECOND;

        if (s < 10)
                (void)snprintf(ret_text, HUMAN_TEXT_MAX, "%" PRIu64 ".%02us", s,
                               (unsigned int)(microseconds % CLOCK_SECOND / 10000));
        else if (s < 60)
                (void)snprintf(ret_text, HUMAN_TEXT_MAX, "%" PRIu64 "s", s);
        else if (s < 3600)
                (void)snprintf(ret_text, HUMAN_TEXT_MAX, "%" PRIu64 "m%02" PRIu64 "s", s / 60,
                               s % 60);
        else if (s < 86400)
                (void)snprintf(ret_text, HUMAN_TEXT_MAX, "%" PRIu64 "h%02" PRIu64 "m", s / 3600,
                               s / 60 % 60);
        else
                (void)snprintf(ret_text, HUMAN_TEXT_MAX, "%" PRIu64 "d%02" PRIu64 "h", s / 86400,
                               s / 3600 % 24);
}

/**
 * human_minute() - write a moment in few characters
 * @realtime:   microseconds of CLOCK_REALTIME
 * @since:      another moment; 0: none
 * @ret_text:   date and time to the minute, in the admin's time zone; without the date, if that is
 *              the other moment's, too
 */
void human_minute(uint64_t realtime, uint64_t since, char ret_text[static HUMAN_TEXT_MAX]) {
        struct tm fields = calendar_fields(realtime), other = calendar_fields(since);
        bool alike = since && fields.tm_year == other.tm_year && fields.tm_yday == other.tm_yday;

        ret_text[0] = '\0';
        (void)strftime(ret_text, HUMAN_TEXT_MAX, alike ? "%H:%M" : "%Y-%m-%d %H:%M", &fields);
}

/**
 * human_time() - write a moment
 * @realtime:   microseconds of CLOCK_REALTIME
 * @ret_text:   date and time to the second, in the admin's time zone
 */
void human_time(uint64_t realtime, char ret_text[static HUMAN_TEXT_MAX]) {
        struct tm fields = calendar_fields(realtime);

        ret_text[0] = '\0';
        (void)strftime(ret_text, HUMAN_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &fields);
}
