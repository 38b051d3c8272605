/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The meaning of --since and --until.
 */

#ifndef CLI_PERIOD_H
#define CLI_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

enum {
        PERIOD_E_FORM = 1, /* none of the known forms */
        PERIOD_E_RANGE,    /* a day, an hour or a year that is none, or out of reach */
        PERIOD_E_ORDER,    /* the end is not after the begin */
};

/* For --help: lines of at most 80 columns. */
#define PERIOD_NOTES                                                                         \
        "MOMENT is a day, month or year as a whole (2026-11-22, 2026-11, 2026, today,\n"     \
        "monday, \"this month\", last-week: --since takes its begin, --until its end), or\n" \
        "a moment (now, 14:00, 2026-11-22T14:00, \"2026-11-22 14:00:05\", with Z or\n"       \
        "+01:00), or some time ago: -30min, -1h30m, -7d, -1month, \"3 days ago\".\n"

struct period {
        const char *since, *until; /* as given; NULL: not at all */
        bool utc;
        uint64_t begin; /* microseconds of CLOCK_REALTIME; 0 if not given */
        uint64_t end;   /* exclusive; UINT64_MAX if not given */
};

void period_use_utc(void);
int period_parse(struct period *period, uint64_t now, const char **ret_word);

#endif
