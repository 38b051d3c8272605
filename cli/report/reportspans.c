/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The hours, days or months of a report.
 *
 * Owns: where they begin in the wanted time zone, and their names. A day has 23 to 25 hours when
 * clocks are changed; an hour of the day may then come twice, and has two rows.
 * Relies on: every time zone's offset is a multiple of a quarter of an hour nowadays.
 */

#include "reportspans.h"

#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REPORTSPANS_HOUR (3600 * CLOCK_SECOND)

/* The begin of the hour, day or month that a moment is in. */
static uint64_t reportspans_begin(enum report_by by, uint64_t moment,
                                  const struct calendar *calendar) {
        struct calendar at = *calendar;
        struct tm fields;

        at.now = moment;
        if (by == REPORT_DAY)
                return calendar_day(&at, 0);
        if (by == REPORT_MONTH)
                return calendar_month(&at, 0);
        fields = calendar_fields(moment);
        return moment / CLOCK_SECOND * CLOCK_SECOND -
               (uint64_t)(fields.tm_min * 60 + fields.tm_sec) * CLOCK_SECOND;
}

/**
 * reportspans_next() - tell where the next span begins
 * @by:         hours, days or months
 * @begin:      where one does
 * @calendar:   the zone, and on which day months begin
 *
 * Return: microseconds of CLOCK_REALTIME, above @begin.
 */
uint64_t reportspans_next(enum report_by by, uint64_t begin, const struct calendar *calendar) {
        /* more than the longest one, and less than the two shortest */
        uint64_t inside = by == REPORT_HOUR  ? REPORTSPANS_HOUR
                          : by == REPORT_DAY ? 36 * REPORTSPANS_HOUR
                                             : 45 * 24 * REPORTSPANS_HOUR;
        uint64_t next = reportspans_begin(by, begin + inside, calendar);

        return next > begin ? next : begin + inside;
}

/**
 * reportspans_label() - name the span that a moment is in
 * @by:         an hour, a day or a month
 * @moment:     microseconds of CLOCK_REALTIME
 * @calendar:   the zone, and on which day months begin
 * @ret_label:  2026-11-22 14:00, 2026-11-22, 2026-11; a month that begins on another day than the
 *              first has the date on which it does
 */
void reportspans_label(enum report_by by, uint64_t moment, const struct calendar *calendar,
                       char ret_label[static REPORTDATA_LABEL_MAX]) {
        struct tm fields = calendar_fields(reportspans_begin(by, moment, calendar));
        size_t n;

        if (by == REPORT_HOUR)
                n = strftime(ret_label, REPORTDATA_LABEL_MAX, "%Y-%m-%d %H:%M", &fields);
        else if (by == REPORT_DAY || calendar->billing_day > 1)
                n = strftime(ret_label, REPORTDATA_LABEL_MAX, "%Y-%m-%d", &fields);
        else
                n = strftime(ret_label, REPORTDATA_LABEL_MAX, "%Y-%m", &fields);
        if (!n)
                *ret_label = '\0';
}

/**
 * reportspans_free() - end what reportspans_new() made
 * @spans:      the spans, or NULL
 *
 * Return: NULL.
 */
struct reportspans *reportspans_free(struct reportspans *spans) {
        if (spans) {
                free(spans->edges);
                free(spans->labels);
        }
        free(spans);
        return NULL;
}

static int reportspans_add(struct reportspans *spans, uint64_t edge, size_t *room) {
        if (spans->n == REPORTSPANS_MAX)
                return -E2BIG;
        if (spans->n + 2 > *room) {
                size_t larger = 2 * *room + 64;
                void *edges = reallocarray(spans->edges, larger, sizeof(*spans->edges));
                void *labels;

                if (!edges)
                        return -ENOMEM;
                spans->edges = edges;
                labels = reallocarray(spans->labels, larger, sizeof(*spans->labels));
                if (!labels)
                        return -ENOMEM;
                spans->labels = labels;
                *room = larger;
        }
        spans->edges[spans->n] = edge;
        return 0;
}

/**
 * reportspans_new() - part a time
 * @by:         into hours, days or months; anything else: one span
 * @since:      its begin, in microseconds of CLOCK_REALTIME
 * @until:      its end, not before it
 * @calendar:   the zone, and on which day months begin
 * @ret_spans:  the spans; the first begins at @since, and the last ends at @until; what lies behind
 *              the month after this one is one span, "later"
 *
 * Return: 0, -E2BIG if they are more than REPORTSPANS_MAX, or -ENOMEM.
 */
int reportspans_new(enum report_by by, uint64_t since, uint64_t until,
                    const struct calendar *calendar, struct reportspans **ret_spans) {
        _cleanup_(reportspans_freep) struct reportspans *spans = calloc(1, sizeof(*spans));
        bool parted = by == REPORT_HOUR || by == REPORT_DAY || by == REPORT_MONTH;
        /* a record that is dated 9999 must not make 3 million days */
        uint64_t later = reportspans_next(REPORT_MONTH, calendar->now, calendar);
        uint64_t edge = since;
        size_t room = 0;

        if (!spans)
                return -ENOMEM;
        do {
                uint64_t begin = parted ? reportspans_begin(by, edge, calendar) : edge;
                bool last = parted && edge >= later;
                int r = reportspans_add(spans, edge, &room);

                if (r < 0)
                        return r;
                spans->labels[spans->n][0] = '\0';
                if (last)
                        (void)strcpy(spans->labels[spans->n], "later");
                else if (parted)
                        reportspans_label(by, edge, calendar, spans->labels[spans->n]);
                spans->n++;
                edge = parted && !last ? reportspans_next(by, begin, calendar) : until;
        } while (edge < until);
        spans->edges[spans->n] = until;
        *ret_spans = pointer_steal(&spans);
        return 0;
}
