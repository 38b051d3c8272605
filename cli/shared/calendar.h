/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When days and reporting months begin.
 */

#ifndef CLI_CALENDAR_H
#define CLI_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define CALENDAR_TEXT_MAX 16

struct calendar {
        uint64_t now;         /* microseconds of CLOCK_REALTIME */
        uint64_t billing_day; /* 1 to 28, on which a month begins */
        bool utc;             /* else the admin's time zone */
};

uint64_t calendar_day(const struct calendar *calendar, unsigned int ago);
uint64_t calendar_month(const struct calendar *calendar, unsigned int ago);
void calendar_date(const struct calendar *calendar, uint64_t realtime,
                   char ret_text[static CALENDAR_TEXT_MAX]);

#endif
