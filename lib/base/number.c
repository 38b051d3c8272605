/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Numbers, durations and sizes from text.
 *
 * Owns: the one place where digits become a number. No sign, no white space, no locale.
 */

#include "base/number.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

static unsigned int number_digit(char c) {
        if (c >= '0' && c <= '9')
                return (unsigned int)(c - '0');
        if (c >= 'a' && c <= 'f')
                return (unsigned int)(c - 'a') + 10;
        if (c >= 'A' && c <= 'F')
                return (unsigned int)(c - 'A') + 10;
        return 16;
}

/**
 * number_parse() - read an unsigned number that fills a span
 * @text:       the span, which needs no NUL
 * @size:       its bytes; all of them must be digits
 * @base:       10 or 16
 * @maximum:    the largest number allowed
 * @ret_number: the number
 *
 * Return: 0, -EINVAL if the span is not a number, -ERANGE if the number is above @maximum.
 */
int number_parse(const char *text, size_t size, unsigned int base, uint64_t maximum,
                 uint64_t *ret_number) {
        uint64_t number = 0;

        if (!size)
                return -EINVAL;

        for (size_t i = 0; i < size; i++)
                if (number_digit(text[i]) >= base)
                        return -EINVAL;

        for (size_t i = 0; i < size; i++) {
                unsigned int digit = number_digit(text[i]);

                if (digit > maximum || number > (maximum - digit) / base)
                        return -ERANGE;
                number = number * base + digit;
        }

        *ret_number = number;
        return 0;
}

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

/**
 * size_parse() - read a number of bytes such as "10G", "500M", "4096"
 * @text:       one whole number and a unit, K to E, of 1024; "GiB" is "G"
 * @ret_bytes:  the bytes
 *
 * Return: 0, -EINVAL if it is not a size, -ERANGE if it is too large.
 */
int size_parse(const char *text, uint64_t *ret_bytes) {
        static const char units[] = "KMGTPE";
        size_t digits = strspn(text, "0123456789");
        const char *unit = text + digits, *found = NULL;
        unsigned int shift = 0;
        uint64_t number;
        int r;

        if (*unit) {
                found = strchr(units, *unit >= 'a' && *unit <= 'z' ? *unit - 'a' + 'A' : *unit);
                if (!found || (unit[1] && strcmp(unit + 1, "iB") != 0))
                        return -EINVAL;
                shift = 10 * (unsigned int)(found - units + 1);
        }
        r = number_parse(text, digits, 10, UINT64_MAX >> shift, &number);
        if (r < 0)
                return r;
        *ret_bytes = number << shift;
        return 0;
}
