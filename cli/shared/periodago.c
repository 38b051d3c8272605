/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How long ago something is meant to be: "7d", "1h30m", "3 days". Pure.
 */

#include "periodago.h"

#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PERIODAGO_NUMBER_MAX 100000
#define PERIODAGO_TERM_MAX 32

static const struct {
        const char *name;
        int days, months;
} periodago_units[] = {
        { "d", 1, 0 },    { "day", 1, 0 },   { "days", 1, 0 },   { "w", 7, 0 },
        { "week", 7, 0 }, { "weeks", 7, 0 }, { "month", 0, 1 },  { "months", 0, 1 },
        { "y", 0, 12 },   { "year", 0, 12 }, { "years", 0, 12 },
};

/* Those of duration_parse(), in words. */
static const struct {
        const char *name, *unit;
} periodago_words[] = {
        { "second", "s" },    { "seconds", "s" }, { "minute", "min" },
        { "minutes", "min" }, { "hour", "h" },    { "hours", "h" },
};

/* A unit of the calendar. Return: 0; 1 if it is none; or -ERANGE. */
static int periodago_calendar(const char *digits, size_t n, const char *unit,
                              struct periodago *ago) {
        for (size_t i = 0; i < sizeof(periodago_units) / sizeof(*periodago_units); i++) {
                uint64_t number;

                if (strcmp(unit, periodago_units[i].name) != 0)
                        continue;
                if (number_parse(digits, n, 10, PERIODAGO_NUMBER_MAX, &number) < 0)
                        return -ERANGE;
                ago->days += periodago_units[i].days * (int)number;
                ago->months += periodago_units[i].months * (int)number;
                return ago->days > PERIODAGO_NUMBER_MAX * 7 ||
                                       ago->months > PERIODAGO_NUMBER_MAX * 12
                               ? -ERANGE
                               : 0;
        }
        return 1;
}

/* A number and a unit. */
static int periodago_term(const char *digits, size_t n, const char *unit, struct periodago *ago) {
        char text[2 * PERIODAGO_TERM_MAX];
        uint64_t span;
        int r = periodago_calendar(digits, n, unit, ago);

        if (r <= 0)
                return r;
        for (size_t i = 0; i < sizeof(periodago_words) / sizeof(*periodago_words); i++)
                if (!strcmp(unit, periodago_words[i].name))
                        unit = periodago_words[i].unit;
        (void)snprintf(text, sizeof(text), "%.*s%s", (int)n, digits, unit);
        r = duration_parse(text, &span);
        if (!r && __builtin_add_overflow(ago->span, span, &ago->span))
                r = -ERANGE;
        return r;
}

/**
 * periodago_read() - read how long ago something is meant to be
 * @text:       one or more numbers with a unit each, with or without blanks
 * @size:       of the text
 * @ret_ago:    what they come to
 *
 * Return: 0, -EINVAL, or -ERANGE.
 */
int periodago_read(const char *text, size_t size, struct periodago *ret_ago) {
        const char *end = text + size;
        int r = size ? 0 : -EINVAL;

        *ret_ago = (struct periodago){ .span = 0 };
        while (!r && text < end) {
                const char *digits = text;
                char unit[PERIODAGO_TERM_MAX];
                size_t n = strspn(text, "0123456789"), length;

                text += n;
                text += text < end && (*text == ' ' || *text == '-');
                length = strspn(text, "abcdefghijklmnopqrstuvwxyz");
                /* "-30" may be anything */
                if (!n || !length || n >= sizeof(unit) || length >= sizeof(unit) ||
                    text + length > end)
                        return -EINVAL;
                (void)snprintf(unit, sizeof(unit), "%.*s", (int)length, text);
                r = periodago_term(digits, n, unit, ret_ago);
                text += length;
                if (text + 1 < end)
                        text += *text == ' ';
        }
        return r;
}
