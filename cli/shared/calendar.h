/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When days and reporting months begin, in the admin's time zone.
 */

#ifndef CLI_CALENDAR_H
#define CLI_CALENDAR_H

#include <stdint.h>
#include <time.h>

#define CALENDAR_TEXT_MAX 16

struct calendar {
        uint64_t now;         /* microseconds of CLOCK_REALTIME */
        uint64_t billing_day; /* 1 to 28, on which a month begins */
};

struct tm calendar_fields(uint64_t realtime);
uint64_t calendar_day(const struct calendar *calendar, unsigned int ago);
uint64_t calendar_week(const struct calendar *calendar);
uint64_t calendar_month(const struct calendar *calendar, unsigned int ago);
void calendar_date(uint64_t realtime, char ret_text[static CALENDAR_TEXT_MAX]);

#endif
