/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Spans of time from text.
 *
 * Owns: the units in which a person gives one.
 */

#include "base/duration.h"

#include "base/clock.h"
#include "base/number.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* The units of systemd.time(7) that make sense for a wait or an interval. */
static const struct {
        const char *name;
        uint64_t microseconds;
} duration_units[] = {
        { "", CLOCK_SECOND },
        { "us", 1 },
        { "ms", 1000 },
        { "s", CLOCK_SECOND },
        { "sec", CLOCK_SECOND },
        { "m", 60 * CLOCK_SECOND },
        { "min", 60 * CLOCK_SECOND },
        { "h", 3600 * CLOCK_SECOND },
        { "d", 86400 * CLOCK_SECOND },
};

/**
 * duration_parse() - read a span of time such as "2s", "500ms", "5min", "0"
 * @text:               one whole number and a unit; without a unit, seconds
 * @ret_microseconds:   the span, at most a year
 *
 * Return: 0, -EINVAL if it is not a span of time, -ERANGE if it is longer than a year.
 */
int duration_parse(const char *text, uint64_t *ret_microseconds) {
        size_t digits = strspn(text, "0123456789");

        for (size_t i = 0; i < sizeof(duration_units) / sizeof(*duration_units); i++) {
                uint64_t unit = duration_units[i].microseconds, number;
                int r;

                if (strcmp(text + digits, duration_units[i].name) != 0)
                        continue;
                r = number_parse(text, digits, 10, 365 * 86400 * CLOCK_SECOND / unit, &number);
                if (r < 0)
                        return r;
                *ret_microseconds = number * unit;
                return 0;
        }
        return -EINVAL;
}
