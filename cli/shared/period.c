/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The meaning of --since and --until: words, dates, moments, some time ago.
 *
 * Owns: when a day, a week, a month begins on the local clock, also if daylight saving skips an
 * hour or repeats it. Days, weeks and months are those of the calendar, not multiples of 24 hours.
 * Pure, except for the time zone, which is the admin's (TZ, localtime(3)).
 * Relies on: the local clock is changed at most once within two days.
 */

#include "period.h"

#include "base/base.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define PERIOD_DAY INT64_C(86400)
#define PERIOD_YEAR_FIRST 1970
#define PERIOD_YEAR_LAST 9999

enum period_unit {
        PERIOD_MOMENT,
        PERIOD_IN_DAYS,
        PERIOD_IN_WEEKS,
        PERIOD_IN_MONTHS,
        PERIOD_IN_YEARS
};

struct period {
        uint64_t begin;
        uint64_t end; /* exclusive */
};

static const struct {
        const char *name;
        enum period_unit unit;
        int back; /* so many units before the running one */
} period_words[] = {
        { "today", PERIOD_IN_DAYS, 0 },        { "yesterday", PERIOD_IN_DAYS, 1 },
        { "this week", PERIOD_IN_WEEKS, 0 },   { "last week", PERIOD_IN_WEEKS, 1 },
        { "this month", PERIOD_IN_MONTHS, 0 }, { "last month", PERIOD_IN_MONTHS, 1 },
        { "this year", PERIOD_IN_YEARS, 0 },   { "last year", PERIOD_IN_YEARS, 1 },
};

static const struct {
        const char *name;
        enum period_unit unit;
} period_units[] = {
        { "d", PERIOD_IN_DAYS },       { "day", PERIOD_IN_DAYS },      { "days", PERIOD_IN_DAYS },
        { "w", PERIOD_IN_WEEKS },      { "week", PERIOD_IN_WEEKS },    { "weeks", PERIOD_IN_WEEKS },
        { "month", PERIOD_IN_MONTHS }, { "months", PERIOD_IN_MONTHS }, { "y", PERIOD_IN_YEARS },
        { "year", PERIOD_IN_YEARS },   { "years", PERIOD_IN_YEARS },
};

static struct tm period_fields(int64_t seconds, bool utc) {
        time_t t = (time_t)seconds;
        struct tm fields = { 0 };

        (void)(utc ? gmtime_r(&t, &fields) : localtime_r(&t, &fields));
        return fields;
}

/* What the clock on the wall shows, as if it were UTC. */
static int64_t period_shown(int64_t seconds, bool utc) {
        return seconds + (utc ? 0 : (int64_t)period_fields(seconds, false).tm_gmtoff);
}

/*
 * When does the clock on the wall show this? An hour that comes twice has two answers; one that is
 * left out, the moment at which it is jumped over. mktime() would say something for each, but not
 * which (mktime(3)).
 */
static int period_find(struct tm fields, bool utc, int64_t *ret_first, int64_t *ret_last) {
        int64_t shown = (int64_t)timegm(&fields), before, after, first, last;

        if (fields.tm_year < PERIOD_YEAR_FIRST - 1900 ||
            fields.tm_year > PERIOD_YEAR_LAST + 1 - 1900)
                return PERIOD_E_RANGE;

        before = period_shown(shown - PERIOD_DAY, utc) - (shown - PERIOD_DAY);
        after = period_shown(shown + PERIOD_DAY, utc) - (shown + PERIOD_DAY);
        first = shown - (before > after ? before : after);
        last = shown - (before > after ? after : before);
        if (period_shown(first, utc) != shown && period_shown(last, utc) != shown) {
                while (last - first > 1) {
                        int64_t middle = first + (last - first) / 2;

                        if (period_shown(middle, utc) < shown)
                                first = middle;
                        else
                                last = middle;
                }
                first = last;
        } else if (period_shown(first, utc) != shown) {
                first = last;
        } else if (period_shown(last, utc) != shown) {
                last = first;
        }
        /* the first of January of 1970, east of Greenwich */
        *ret_first = first > 0 ? first : 0;
        *ret_last = last > 0 ? last : 0;
        return 0;
}

/* The unit in which these fields are, as a whole. */
static int period_whole(struct tm fields, enum period_unit unit, bool utc,
                        struct period *ret_period) {
        int64_t begin, end, last;
        struct tm next;
        int r;

        fields = (struct tm){
                .tm_year = fields.tm_year,
                .tm_mon = unit == PERIOD_IN_YEARS ? 0 : fields.tm_mon,
                .tm_mday = unit == PERIOD_IN_YEARS || unit == PERIOD_IN_MONTHS ? 1 : fields.tm_mday,
        };
        next = fields;
        next.tm_year += unit == PERIOD_IN_YEARS;
        next.tm_mon += unit == PERIOD_IN_MONTHS;
        next.tm_mday += unit == PERIOD_IN_WEEKS ? 7 : unit == PERIOD_IN_DAYS;
        r = period_find(fields, utc, &begin, &last);
        if (!r)
                r = period_find(next, utc, &end, &last);
        if (r)
                return r;
        *ret_period = (struct period){ .begin = (uint64_t)begin * CLOCK_SECOND,
                                       .end = (uint64_t)end * CLOCK_SECOND };
        return 0;
}

static int period_moment(struct tm fields, uint64_t microseconds, bool utc,
                         struct period *ret_period) {
        int64_t first, last;
        int r = period_find(fields, utc, &first, &last);

        if (r)
                return r;
        *ret_period = (struct period){ .begin = (uint64_t)first * CLOCK_SECOND + microseconds,
                                       .end = (uint64_t)last * CLOCK_SECOND + microseconds };
        return 0;
}

static bool period_is_word(const char *text, const char *word) {
        for (; *text && *word; text++, word++)
                if (*text != *word && !(*text == '-' && *word == ' '))
                        return false;
        return *text == *word;
}

static int period_read_word(const char *text, uint64_t now, bool utc, struct period *ret_period) {
        struct tm fields = period_fields((int64_t)(now / CLOCK_SECOND), utc);

        if (!strcmp(text, "now")) {
                *ret_period = (struct period){ now, now };
                return 0;
        }
        for (size_t i = 0; i < sizeof(period_words) / sizeof(*period_words); i++) {
                int back = period_words[i].back;
                enum period_unit unit = period_words[i].unit;

                if (!period_is_word(text, period_words[i].name))
                        continue;
                if (unit == PERIOD_IN_DAYS)
                        fields.tm_mday -= back;
                else if (unit == PERIOD_IN_WEEKS)
                        /* ISO 8601: a week begins on Monday; tm_wday counts from Sunday */
                        fields.tm_mday -= (fields.tm_wday + 6) % 7 + 7 * back;
                else if (unit == PERIOD_IN_MONTHS)
                        fields.tm_mon -= back;
                else
                        fields.tm_year -= back;
                return period_whole(fields, unit, utc, ret_period);
        }
        return PERIOD_E_FORM;
}

/* The last day of a month, which may be the -3rd. */
static int period_last_day(int year, int month) {
        struct tm fields = { .tm_year = year, .tm_mon = month + 1, .tm_mday = 0 };

        (void)timegm(&fields);
        return fields.tm_mday;
}

/* "7d", of "-7d" */
static int period_read_ago(const char *text, uint64_t now, bool utc, struct period *ret_period) {
        struct tm fields = period_fields((int64_t)(now / CLOCK_SECOND), utc);
        size_t digits = strspn(text, "0123456789");
        uint64_t number, span;
        int r;

        for (size_t i = 0; i < sizeof(period_units) / sizeof(*period_units); i++) {
                if (strcmp(text + digits, period_units[i].name) != 0)
                        continue;
                r = number_parse(text, digits, 10, 100000, &number);
                if (r < 0)
                        return digits ? PERIOD_E_RANGE : PERIOD_E_FORM;
                if (period_units[i].unit == PERIOD_IN_DAYS)
                        fields.tm_mday -= (int)number;
                else if (period_units[i].unit == PERIOD_IN_WEEKS)
                        fields.tm_mday -= 7 * (int)number;
                else {
                        int last;

                        fields.tm_mon -=
                                (period_units[i].unit == PERIOD_IN_YEARS ? 12 : 1) * (int)number;
                        /* a month before the 31st of March is the end of February */
                        last = period_last_day(fields.tm_year, fields.tm_mon);
                        if (fields.tm_mday > last)
                                fields.tm_mday = last;
                }
                return period_moment(fields, now % CLOCK_SECOND, utc, ret_period);
        }
        /* "-30" may be anything */
        if (!digits || !text[digits])
                return PERIOD_E_FORM;
        r = duration_parse(text, &span);
        if (r < 0 || span > now)
                return r == -EINVAL ? PERIOD_E_FORM : PERIOD_E_RANGE;
        *ret_period = (struct period){ now - span, now - span };
        return 0;
}

/* A number of so many digits; moves behind it. */
static bool period_digits(const char **text, size_t digits, int *ret_number) {
        uint64_t number;

        if (strspn(*text, "0123456789") < digits ||
            number_parse(*text, digits, 10, PERIOD_YEAR_LAST, &number) < 0)
                return false;
        *text += digits;
        *ret_number = (int)number;
        return true;
}

/* The same behind a character. */
static bool period_part(const char **text, char before, int *ret_number) {
        const char *at = *text;

        if (*at++ != before || !period_digits(&at, 2, ret_number))
                return false;
        *text = at;
        return true;
}

/* ".25": as records have it, up to the microsecond */
static bool period_fraction(const char **text, uint64_t *ret_microseconds) {
        size_t digits = strspn(*text + 1, "0123456789");

        if (number_parse(*text + 1, digits, 10, CLOCK_SECOND - 1, ret_microseconds) < 0 ||
            digits > 6)
                return false;
        *text += 1 + digits;
        while (digits++ < 6)
                *ret_microseconds *= 10;
        return true;
}

/* "Z", "+01:00", or nothing */
static bool period_zone(const char **text, bool *ret_utc, int *ret_offset) {
        int sign = **text == '-' ? -1 : 1, hours, minutes;

        if (**text == 'Z') {
                *ret_utc = true;
                (*text)++;
        } else if (**text) {
                if (!period_part(text, **text == '-' ? '-' : '+', &hours) ||
                    !period_part(text, ':', &minutes) || hours > 23 || minutes > 59)
                        return false;
                *ret_utc = true;
                *ret_offset = sign * (hours * 3600 + minutes * 60);
        }
        return true;
}

/* "14:00[:05[.123456]][Z|+01:00]", on a day */
static int period_read_clock(const char *text, struct tm fields, bool utc,
                             struct period *ret_period) {
        int hour, minute, second = 0, offset = 0;
        uint64_t microseconds = 0;

        if (!period_digits(&text, 2, &hour) || !period_part(&text, ':', &minute))
                return PERIOD_E_FORM;
        if (*text == ':' && !period_part(&text, ':', &second))
                return PERIOD_E_FORM;
        if (*text == '.' && !period_fraction(&text, &microseconds))
                return PERIOD_E_FORM;
        if (!period_zone(&text, &utc, &offset) || *text)
                return PERIOD_E_FORM;
        if (hour > 23 || minute > 59 || second > 59)
                return PERIOD_E_RANGE;
        fields = (struct tm){ .tm_year = fields.tm_year,
                              .tm_mon = fields.tm_mon,
                              .tm_mday = fields.tm_mday,
                              .tm_hour = hour,
                              .tm_min = minute,
                              .tm_sec = second - offset };
        return period_moment(fields, microseconds, utc, ret_period);
}

/* "2026", "2026-11", "2026-11-22", and the last with a time */
static int period_read_date(const char *text, bool utc, struct period *ret_period) {
        int year, month = 1, day = 1;
        enum period_unit unit = PERIOD_IN_YEARS;
        struct tm fields;

        if (!period_digits(&text, 4, &year))
                return PERIOD_E_FORM;
        if (period_part(&text, '-', &month))
                unit = PERIOD_IN_MONTHS;
        if (unit == PERIOD_IN_MONTHS && period_part(&text, '-', &day))
                unit = PERIOD_IN_DAYS;
        if (*text && (unit != PERIOD_IN_DAYS || (*text != 'T' && *text != ' ')))
                return PERIOD_E_FORM;
        if (year < PERIOD_YEAR_FIRST || month < 1 || month > 12 || day < 1 ||
            day > period_last_day(year - 1900, month - 1))
                return PERIOD_E_RANGE;
        fields = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
        return *text ? period_read_clock(text + 1, fields, utc, ret_period)
                     : period_whole(fields, unit, utc, ret_period);
}

static int period_read(const char *text, uint64_t now, bool utc, struct period *ret_period) {
        if (*text == '-')
                return period_read_ago(text + 1, now, utc, ret_period);
        if (*text < '0' || *text > '9')
                return period_read_word(text, now, utc, ret_period);
        if (strspn(text, "0123456789") == 2)
                return period_read_clock(text, period_fields((int64_t)(now / CLOCK_SECOND), utc),
                                         utc, ret_period);
        return period_read_date(text, utc, ret_period);
}

/**
 * period_parse_since() - read the begin of a period
 * @text:       what was given to --since
 * @now_us:     the present moment, microseconds of CLOCK_REALTIME
 * @utc:        whether days and hours without a zone are those of UTC, not of the local clock
 * @ret_us:     the first moment that is meant, microseconds of CLOCK_REALTIME
 *
 * Return: 0, PERIOD_E_FORM or PERIOD_E_RANGE.
 */
int period_parse_since(const char *text, uint64_t now_us, bool utc, uint64_t *ret_us) {
        struct period period;
        int r = period_read(text, now_us, utc, &period);

        if (!r)
                *ret_us = period.begin;
        return r;
}

/**
 * period_parse_until() - read the end of a period
 * @text:       what was given to --until
 * @now_us:     the present moment, microseconds of CLOCK_REALTIME
 * @utc:        whether days and hours without a zone are those of UTC, not of the local clock
 * @ret_us:     the first moment that is no longer meant, microseconds of CLOCK_REALTIME
 *
 * Return: 0, PERIOD_E_FORM or PERIOD_E_RANGE.
 */
int period_parse_until(const char *text, uint64_t now_us, bool utc, uint64_t *ret_us) {
        struct period period;
        int r = period_read(text, now_us, utc, &period);

        if (!r)
                *ret_us = period.end;
        return r;
}

/**
 * period_problem() - say what is wrong
 * @error:      PERIOD_E_FORM or PERIOD_E_RANGE
 *
 * Return: a text, to stand before the word that is wrong.
 */
const char *period_problem(int error) {
        return error == PERIOD_E_RANGE ? "no such day or time" : "not a day or a moment";
}
