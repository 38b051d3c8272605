/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The charts of a report's page: bytes by day, bytes by user or what else is asked for.
 *
 * Owns: scales and forms. Lengths are percentages of the available width, so text keeps its size on
 * a narrow screen, and no script is needed to draw. Each bar has its figures as text, for a
 * pointer, for the keyboard (reportpage.js) and for a screen reader.
 */

#include "cli/shared/calendar.h"
#include "cli/shared/human.h"
#include "reporthtml.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define REPORTCHART_DAYS_MAX 366
#define REPORTCHART_BARS_MAX 12
#define REPORTCHART_LABELS 8
#define REPORTCHART_LINES 4

/* Percentages of the drawing's height: its top line and its base. */
#define REPORTCHART_TOP UINT64_C(8000)
#define REPORTCHART_BASE UINT64_C(90000)

/* ... and of its width: the widest bar. */
#define REPORTCHART_BAR_MAX UINT64_C(8000)

static uint64_t reportchart_max(const struct report_table *rows) {
        uint64_t max = 0;

        for (size_t i = 0; i < rows->n; i++) {
                uint64_t total = reporthtml_total(&rows->rows[i]);

                if (total != REPORTHTML_UNKNOWN && total > max)
                        max = total;
        }
        return max;
}

/* A round step of the scale (1, 2, 5, 10 ... 500 of a unit), so that at most four reach the
 * largest. */
static uint64_t reportchart_step(uint64_t max) {
        static const uint64_t rounds[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500 };
        uint64_t wanted = max / REPORTCHART_LINES + !!(max % REPORTCHART_LINES);

        for (unsigned int unit = 0; unit < 60; unit += 10)
                for (size_t i = 0; i < sizeof(rounds) / sizeof(*rounds); i++)
                        if (rounds[i] << unit >= wanted)
                                return rounds[i] << unit;
        return UINT64_C(2) << 60;
}

static bool reportchart_date(const char *text, struct tm *ret_tm) {
        struct tm tm = { 0 };
        const char *end = text ? strptime(text, "%Y-%m-%d", &tm) : NULL;

        if (!end || *end)
                return false;
        *ret_tm = tm;
        return true;
}

/* How many days one date is after another; they need not be in any time zone. */
static int64_t reportchart_between(const struct tm *from, const struct tm *to) {
        struct tm a = *from, b = *to;

        return ((int64_t)timegm(&b) - (int64_t)timegm(&a)) / 86400;
}

static void reportchart_height(FILE *stream, const char *class, uint64_t from, uint64_t size,
                               uint64_t x, uint64_t width) {
        if (!size)
                return;
        (void)fprintf(stream, "<rect class=\"%s\"", class);
        reporthtml_percent(stream, "x", x);
        reporthtml_percent(stream, "width", width);
        reporthtml_percent(stream, "y", REPORTCHART_BASE - from - size);
        reporthtml_percent(stream, "height", size);
        (void)fputs("/>", stream);
}

/* Bytes as a part of the plot's height; what is there is seen, however little it is. */
static uint64_t reportchart_tall(uint64_t bytes, uint64_t top) {
        uint64_t tall = reporthtml_part(bytes, top) * (REPORTCHART_BASE - REPORTCHART_TOP) /
                        REPORTHTML_WHOLE;

        return bytes == REPORTHTML_UNKNOWN || !bytes || tall >= 400 ? tall : 400;
}

static void reportchart_point(FILE *stream, const char *element, const struct report_data *data,
                              const struct report_row *row) {
        (void)fprintf(stream, "<%s class=\"pt\" data-text=\"", element);
        reporthtml_words(stream, data, row);
        (void)fputs("\"", stream);
}

static void reportchart_day(FILE *stream, const struct report_data *data,
                            const struct report_row *row, uint64_t slot, uint64_t slots,
                            uint64_t top) {
        uint64_t x = slot * REPORTHTML_WHOLE / slots, width = REPORTHTML_WHOLE / slots;
        uint64_t bar = slots > 120 ? width : width * 2 / 3;
        uint64_t in = reportchart_tall(reporthtml_in(row), top);
        uint64_t out = reportchart_tall(reporthtml_out(row), top);

        bar = bar > REPORTCHART_BAR_MAX ? REPORTCHART_BAR_MAX : bar;
        reportchart_point(stream, "g", data, row);
        (void)fputs(" role=\"img\" aria-label=\"", stream);
        reporthtml_words(stream, data, row);
        (void)fputs("\"><title>", stream);
        reporthtml_words(stream, data, row);
        (void)fputs("</title><rect class=\"hit\" y=\"0\" height=\"90%\"", stream);
        reporthtml_percent(stream, "x", x);
        reporthtml_percent(stream, "width", width);
        (void)fputs("/>", stream);
        reportchart_height(stream, "in", 0, in, x + (width - bar) / 2, bar);
        reportchart_height(stream, "out", in, out, x + (width - bar) / 2, bar);
        if (reporthtml_doubtful(row)) {
                (void)fputs("<circle class=\"mark\" r=\"3\"", stream);
                reporthtml_percent(stream, "cx", x + width / 2);
                reporthtml_percent(stream, "cy", REPORTCHART_BASE - in - out - 4000);
                (void)fputs("/>", stream);
        }
        (void)fputs("</g>\n", stream);
}

/* Its lines; or, beside them, what they stand for. */
static void reportchart_grid(FILE *stream, uint64_t top, uint64_t step, bool words) {
        char text[HUMAN_TEXT_MAX];

        for (uint64_t line = step; line <= top && line >= step; line += step) {
                uint64_t y = REPORTCHART_BASE - reportchart_tall(line, top);

                (void)fputs(words ? "<text x=\"100%\" dy=\"4\" text-anchor=\"end\""
                                  : "<line class=\"grid\" x1=\"0\" x2=\"100%\"",
                            stream);
                if (words) {
                        human_bytes(line, text);
                        reporthtml_percent(stream, "y", y);
                        (void)fprintf(stream, ">%s</text>\n", text);
                        continue;
                }
                reporthtml_percent(stream, "y1", y);
                reporthtml_percent(stream, "y2", y);
                (void)fputs("/>\n", stream);
        }
}

static void reportchart_labels(FILE *stream, const struct tm *first, uint64_t slots) {
        uint64_t every = (slots + REPORTCHART_LABELS - 1) / REPORTCHART_LABELS;
        struct tm last = *first;
        char text[HUMAN_TEXT_MAX];

        last.tm_mday += (int)slots - 1;
        (void)timegm(&last);
        for (uint64_t slot = 0, n = 0; slot < slots; slot += every, n++) {
                uint64_t x = (2 * slot + 1) * REPORTHTML_WHOLE / (2 * slots);
                struct tm day = *first;

                day.tm_mday += (int)slot;
                (void)timegm(&day);
                (void)strftime(text, sizeof(text),
                               last.tm_year == first->tm_year ? "%e %b" : "%b %Y", &day);
                (void)fprintf(stream, "<text y=\"98%%\" text-anchor=\"middle\"%s",
                              n % 2 ? " class=\"minor\"" : "");
                reporthtml_percent(stream, "x", x);
                (void)fprintf(stream, ">%s</text>\n", text + strspn(text, " "));
        }
}

static void reportchart_legend(FILE *stream, const struct report_data *data, bool marks) {
        (void)fprintf(stream,
                      "<p class=\"legend\"><span>%sin, to this host</span>"
                      "<span>%sout, %s</span>%s"
                      "<span class=\"readout\" aria-hidden=\"true\"></span></p>\n",
                      "<svg class=\"key in\" aria-hidden=\"true\"><rect width=\"100%\" "
                      "height=\"100%\"/></svg>",
                      "<svg class=\"key out\" aria-hidden=\"true\"><rect width=\"100%\" "
                      "height=\"100%\"/></svg>",
                      data->ledger == INDEX_USERS ? "from this host" : "to the clients",
                      marks ? "<span>&#9675; bytes may be missing</span>" : "");
}

static bool reportchart_marks(const struct report_table *rows) {
        for (size_t i = 0; i < rows->n; i++)
                if (reporthtml_doubtful(&rows->rows[i]))
                        return true;
        return false;
}

/* All days from the first to the last one, those without traffic too. */
static void reportchart_slots(FILE *stream, const struct report_data *data, const struct tm *first,
                              uint64_t slots, uint64_t top) {
        const struct report_table *days = &data->days;
        size_t i = 0;

        for (uint64_t slot = 0; slot < slots; slot++) {
                struct tm day = *first, at;
                char text[HUMAN_TEXT_MAX];
                struct report_row none = { .key = { text } };

                while (i < days->n && (!reportchart_date(days->rows[i].key[0], &at) ||
                                       reportchart_between(first, &at) < (int64_t)slot))
                        i++;
                day.tm_mday += (int)slot;
                (void)timegm(&day);
                (void)strftime(text, sizeof(text), "%Y-%m-%d", &day);
                if (i < days->n && reportchart_between(first, &at) == (int64_t)slot)
                        reportchart_day(stream, data, &days->rows[i], slot, slots, top);
                else
                        reportchart_day(stream, data, &none, slot, slots, top);
        }
}

/* The date of a moment, without the time. */
static struct tm reportchart_day_of(uint64_t realtime) {
        struct tm fields = calendar_fields(realtime);

        return (struct tm){ .tm_year = fields.tm_year,
                            .tm_mon = fields.tm_mon,
                            .tm_mday = fields.tm_mday };
}

/**
 * reportchart_days() - write the chart by day
 * @stream:     the page
 * @data:       the report, of which all days are drawn; those with traffic ascend
 */
void reportchart_days(FILE *stream, const struct report_data *data) {
        const struct report_table *days = &data->days;
        struct tm first = reportchart_day_of(data->since);
        /* what a clock that was ahead wrote has no day here */
        uint64_t ahead = data->now + 40 * 86400 * CLOCK_SECOND;
        uint64_t until = data->until > ahead ? data->now : data->until;
        struct tm last = reportchart_day_of(until - (until > data->since));
        uint64_t slots, step, top;
        int64_t span;

        if (!days->n)
                return;
        span = reportchart_between(&first, &last) + 1;
        if (span < 1)
                return;
        slots = span > REPORTCHART_DAYS_MAX ? REPORTCHART_DAYS_MAX : (uint64_t)span;
        first.tm_mday += (int)((uint64_t)span - slots);
        (void)timegm(&first);
        step = reportchart_step(reportchart_max(days));
        top = reportchart_max(days) / step * step + (reportchart_max(days) % step ? step : 0);

        (void)fprintf(stream,
                      "<section>\n<h2 id=\"%sby-day\">Bytes by day</h2>\n"
                      "<figure class=\"chart\">\n",
                      reporthtml_prefix(data));
        reportchart_legend(stream, data, reportchart_marks(days));
        (void)fputs("<div class=\"axes\">\n<svg class=\"scale\" aria-hidden=\"true\">\n", stream);
        reportchart_grid(stream, top ? top : 1, step, true);
        (void)fprintf(
                stream,
                "</svg>\n<svg class=\"plot\" role=\"group\" aria-label=\"Bytes by day, %" PRIu64
                " days\">\n",
                slots);
        reportchart_grid(stream, top ? top : 1, step, false);
        reportchart_slots(stream, data, &first, slots, top ? top : 1);
        (void)fputs("<line class=\"base\" x1=\"0\" x2=\"100%\" y1=\"90%\" y2=\"90%\"/>\n", stream);
        reportchart_labels(stream, &first, slots);
        (void)fputs("</svg>\n</div>\n</figure>\n", stream);
        if ((uint64_t)span > slots)
                (void)fprintf(stream,
                              "<p class=\"sub\">The last %" PRIu64 " of %" PRId64
                              " days are drawn.</p>\n",
                              slots, span);
        (void)fputs("</section>\n", stream);
}

static void reportchart_length(FILE *stream, const char *class, uint64_t x, uint64_t size) {
        if (!size)
                return;
        (void)fprintf(stream, "<rect class=\"%s\" height=\"100%%\"", class);
        reporthtml_percent(stream, "x", x);
        reporthtml_percent(stream, "width", size);
        (void)fputs("/>", stream);
}

/* As reportchart_tall(), for a bar that lies. */
static uint64_t reportchart_long(uint64_t bytes, uint64_t max) {
        uint64_t size = reporthtml_part(bytes, max);

        return bytes == REPORTHTML_UNKNOWN || !bytes || size >= 200 ? size : 200;
}

static void reportchart_bar(FILE *stream, const struct report_data *data,
                            const struct report_row *row, bool rest, uint64_t max) {
        uint64_t in = reportchart_long(reporthtml_in(row), max),
                 out = reportchart_long(reporthtml_out(row), max);
        uint64_t total = reporthtml_total(row);
        bool cut = total != REPORTHTML_UNKNOWN && total > max;

        if (cut) {
                in = reporthtml_part(reporthtml_in(row), total);
                out = REPORTHTML_WHOLE - in;
        }

        reportchart_point(stream, "li", data, row);
        (void)fprintf(stream, "><span class=\"name%s\" title=\"", rest ? " rest" : "");
        reporthtml_key(stream, row->key[0]);
        (void)fputs("\">", stream);
        reporthtml_key(stream, row->key[0]);
        (void)fputs("</span><svg role=\"img\" aria-label=\"", stream);
        reporthtml_words(stream, data, row);
        (void)fputs("\"><title>", stream);
        reporthtml_words(stream, data, row);
        (void)fputs("</title>", stream);
        reportchart_length(stream, "in", 0, in);
        reportchart_length(stream, "out", in, out);
        if (cut)
                (void)fputs("<line class=\"cut\" x1=\"92%\" x2=\"92%\" y1=\"0\" y2=\"100%\"/>",
                            stream);
        (void)fputs("</svg><span class=\"value\">", stream);
        reporthtml_bytes(stream, reporthtml_total(row));
        (void)fputs("</span></li>\n", stream);
}

/* All but the largest, in one. */
static struct report_row reportchart_rest(const struct report_table *bars, size_t shown,
                                          char name[static HUMAN_TEXT_MAX]) {
        struct report_row rest = { .key = { name } };

        for (size_t i = shown; i < bars->n; i++) {
                rest.in = number_add(rest.in, bars->rows[i].in);
                rest.out = number_add(rest.out, bars->rows[i].out);
                rest.unknown += bars->rows[i].unknown;
                rest.sessions += bars->rows[i].sessions;
                rest.incomplete += bars->rows[i].incomplete;
        }
        (void)snprintf(name, HUMAN_TEXT_MAX, "%zu others", bars->n - shown);
        return rest;
}

/**
 * reportchart_bars() - write the chart by user, or what --by says
 * @stream:     the page
 * @data:       the report, whose rows by that are drawn, the largest first
 *
 * The bar of all others together is cut where it is longer than any other: else those would be
 * slivers.
 */
void reportchart_bars(FILE *stream, const struct report_data *data) {
        const struct report_table *bars = &data->bars;
        size_t shown = bars->n > REPORTCHART_BARS_MAX + 1 ? REPORTCHART_BARS_MAX : bars->n;
        const char *by = reportby_name(bars->by[0]);
        uint64_t max = reportchart_max(bars);
        struct report_row rest;
        char text[HUMAN_TEXT_MAX];

        if (!bars->n)
                return;
        (void)fprintf(stream,
                      "<section>\n<h2 id=\"%sbars\">Bytes by %s</h2>\n"
                      "<figure class=\"chart\">\n",
                      reporthtml_prefix(data), by);
        reportchart_legend(stream, data, false);
        (void)fprintf(stream, "<ol class=\"bars\" aria-labelledby=\"%sbars\">\n",
                      reporthtml_prefix(data));
        for (size_t i = 0; i < shown; i++)
                reportchart_bar(stream, data, &bars->rows[i], false, max);
        if (shown < bars->n) {
                rest = reportchart_rest(bars, shown, text);
                reportchart_bar(stream, data, &rest, true, max);
        }
        (void)fputs("</ol>\n</figure>\n</section>\n", stream);
}
