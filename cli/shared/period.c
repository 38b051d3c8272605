/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The meaning of --since and --until: words, dates, moments, some time ago.
 *
 * Owns: when a day, a week, a month begins on the local clock, also if daylight saving skips an
 * hour or repeats it. Days, weeks and months are those of the calendar, not multiples of 24 hours.
 * Pure, except for the time zone. This is the admin's (TZ, localtime(3)), or UTC with --utc; only
 * this file decides which.
 * Relies on: the local clock is changed at most once within two days.
 */

#include "period.h"

#include "base/base.h"
#include "periodago.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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

struct period_span {
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

/**
 * period_use_utc() - let all days and times of this process be those of UTC
 *
 * As if it were the admin's time zone, from now on: what is read, and what is shown.
 */
void period_use_utc(void) {
        (void)setenv("TZ", "UTC0", 1);
        tzset();
}

static struct tm period_fields(int64_t seconds) {
        time_t t = (time_t)seconds;
        struct tm fields = { 0 };

        (void)localtime_r(&t, &fields);
        return fields;
}

/* What the clock on the wall shows, as if it were UTC. */
static int64_t period_shown(int64_t seconds) {
        return seconds + (int64_t)period_fields(seconds).tm_gmtoff;
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

        before = period_shown(shown - PERIOD_DAY) - (shown - PERIOD_DAY);
        after = period_shown(shown + PERIOD_DAY) - (shown + PERIOD_DAY);
        first = shown - (before > after ? before : after);
        last = shown - (before > after ? after : before);
        if (utc) {
                first = last = shown;
        } else if (period_shown(first) != shown && period_shown(last) != shown) {
                while (last - first > 1) {
                        int64_t middle = first + (last - first) / 2;

                        if (period_shown(middle) < shown)
                                first = middle;
                        else
                                last = middle;
                }
                first = last;
        } else if (period_shown(first) != shown) {
                first = last;
        } else if (period_shown(last) != shown) {
                last = first;
        }
        /* the first of January of 1970, east of Greenwich */
        *ret_first = first > 0 ? first : 0;
        *ret_last = last > 0 ? last : 0;
        return 0;
}

/* The unit in which these fields are, as a whole. */
static int period_whole(struct tm fields, enum period_unit unit, struct period_span *ret_span) {
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
        r = period_find(fields, false, &begin, &last);
        if (!r)
                r = period_find(next, false, &end, &last);
        if (r)
                return r;
        *ret_span = (struct period_span){ .begin = (uint64_t)begin * CLOCK_SECOND,
                                          .end = (uint64_t)end * CLOCK_SECOND };
        return 0;
}

static int period_moment(struct tm fields, uint64_t microseconds, bool utc,
                         struct period_span *ret_span) {
        int64_t first, last;
        int r = period_find(fields, utc, &first, &last);

        if (r)
                return r;
        *ret_span = (struct period_span){ .begin = (uint64_t)first * CLOCK_SECOND + microseconds,
                                          .end = (uint64_t)last * CLOCK_SECOND + microseconds };
        return 0;
}

static bool period_is_word(const char *text, const char *word) {
        for (; *text && *word; text++, word++)
                if (*text != *word && !(*text == '-' && *word == ' '))
                        return false;
        return *text == *word;
}

/* The last one that has begun: today, or one of the six days before. */
static int period_read_weekday(const char *text, struct tm fields, struct period_span *ret_span) {
        /* as tm_wday counts */
        static const char *const names[] = { "sunday",   "monday", "tuesday", "wednesday",
                                             "thursday", "friday", "saturday" };

        for (int i = 0; i < 7; i++) {
                if (strcasecmp(text, names[i]) != 0 &&
                    (strlen(text) != 3 || strncasecmp(text, names[i], 3) != 0))
                        continue;
                fields.tm_mday -= (fields.tm_wday - i + 7) % 7;
                return period_whole(fields, PERIOD_IN_DAYS, ret_span);
        }
        return PERIOD_E_FORM;
}

static int period_read_word(const char *text, uint64_t now, struct period_span *ret_span) {
        struct tm fields = period_fields((int64_t)(now / CLOCK_SECOND));

        if (!strcmp(text, "now")) {
                *ret_span = (struct period_span){ now, now };
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
                return period_whole(fields, unit, ret_span);
        }
        return period_read_weekday(text, fields, ret_span);
}

/* The last day of a month, which may be the -3rd. */
static int period_last_day(int year, int month) {
        struct tm fields = { .tm_year = year, .tm_mon = month + 1, .tm_mday = 0 };

        (void)timegm(&fields);
        return fields.tm_mday;
}

/* Some time ago: days and longer units are those of the calendar. */
static int period_read_ago(const char *text, size_t size, uint64_t now,
                           struct period_span *ret_span) {
        struct tm fields = period_fields((int64_t)(now / CLOCK_SECOND));
        struct periodago ago;
        int last, r = periodago_read(text, size, &ago);

        if (r)
                return r == -EINVAL ? PERIOD_E_FORM : PERIOD_E_RANGE;
        if (ago.months) {
                fields.tm_mon -= ago.months;
                /* a month before the 31st of March is the end of February */
                last = period_last_day(fields.tm_year, fields.tm_mon);
                if (fields.tm_mday > last)
                        fields.tm_mday = last;
        }
        fields.tm_mday -= ago.days;
        *ret_span = (struct period_span){ now, now };
        if (ago.months || ago.days)
                r = period_moment(fields, now % CLOCK_SECOND, false, ret_span);
        if (!r && ago.span > ret_span->begin)
                r = PERIOD_E_RANGE;
        ret_span->begin -= ago.span;
        ret_span->end -= ago.span;
        return r;
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
static int period_read_clock(const char *text, struct tm fields, struct period_span *ret_span) {
        int hour, minute, second = 0, offset = 0;
        uint64_t microseconds = 0;
        bool utc = false;

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
        return period_moment(fields, microseconds, utc, ret_span);
}

/* "2026", "2026-11", "2026-11-22", and the last with a time */
static int period_read_date(const char *text, struct period_span *ret_span) {
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
        return *text ? period_read_clock(text + 1, fields, ret_span)
                     : period_whole(fields, unit, ret_span);
}

static int period_read(const char *text, uint64_t now, struct period_span *ret_span) {
        static const char ago[] = " ago";
        size_t size = strlen(text), behind = strlen(ago);

        if (size > behind && period_is_word(text + size - behind, ago))
                return period_read_ago(text, size - behind, now, ret_span);
        if (*text == '-')
                return period_read_ago(text + 1, size - 1, now, ret_span);
        if (*text < '0' || *text > '9')
                return period_read_word(text, now, ret_span);
        if (strspn(text, "0123456789") == 2)
                return period_read_clock(text, period_fields((int64_t)(now / CLOCK_SECOND)),
                                         ret_span);
        return period_read_date(text, ret_span);
}

/**
 * period_parse() - read what options ask for
 * @period:     since, until and utc, as given; gets the rest. With utc, see period_use_utc()
 * @now:        the present moment, microseconds of CLOCK_REALTIME
 * @ret_word:   for an error: the word that is wrong
 *
 * Return: 0, or PERIOD_E_...; then begin and end are as they were.
 */
int period_parse(struct period *period, uint64_t now, const char **ret_word) {
        struct period_span since = { .begin = 0 }, until = { .end = UINT64_MAX };
        int r = 0;

        if (period->utc)
                period_use_utc();
        if (period->since)
                r = period_read(*ret_word = period->since, now, &since);
        if (!r && period->until)
                r = period_read(*ret_word = period->until, now, &until);
        if (!r && since.begin >= until.end)
                r = PERIOD_E_ORDER;
        if (r)
                return r;
        period->begin = since.begin;
        period->end = until.end;
        return 0;
}
