/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A report as a page.
 *
 * Owns: the document. It is complete without script and without network: its style and its script
 * are inside, and its policy (Content-Security-Policy) lets just these two count, named by their
 * hashes, and nothing be fetched from anywhere. So a name in the log that looks like HTML could do
 * nothing even if it were not escaped.
 * Relies on: reporthtml.c for all text that is not the page's own.
 */

#include "reportpage.h"

#include "reporthtml.h"
#include "reportpage-assets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* A browser sorts that many rows at once, and people do not read more. */
#define REPORTPAGE_ROWS_MAX 5000

static void reportpage_head(FILE *stream, const struct reportpage *page) {
        (void)fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\""
                    "default-src 'none'; style-src '" REPORTPAGE_CSS_HASH "'; "
                    "script-src '" REPORTPAGE_JS_HASH "'; base-uri 'none'; form-action 'none'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"referrer\" content=\"no-referrer\">\n"
                    "<title>SSH traffic of ",
                    stream);
        reporthtml_key(stream, page->host);
        (void)fputs(", ", stream);
        reporthtml_text(stream, page->period);
        (void)fprintf(stream, "</title>\n<style>%s</style>\n</head>\n<body>\n<header>\n<div>\n",
                      reportpage_css);
        (void)fputs("<h1>SSH traffic of ", stream);
        reporthtml_key(stream, page->host);
        (void)fputs("</h1>\n<p class=\"sub\">", stream);
        reporthtml_text(stream, page->period);
        (void)fputs(" (", stream);
        reporthtml_text(stream, page->zone);
        (void)fputs("); ", stream);
        reporthtml_text(stream, page->layer);
        (void)fputs("</p>\n</div>\n</header>\n<main>\n", stream);
}

static void reportpage_figure(FILE *stream, const char *name, uint64_t bytes) {
        (void)fprintf(stream, "<div><dt>%s</dt><dd>", name);
        reporthtml_bytes(stream, bytes);
        (void)fputs("</dd></div>\n", stream);
}

static void reportpage_totals(FILE *stream, const struct reportpage *page) {
        (void)fputs("<dl class=\"totals\">\n", stream);
        reportpage_figure(stream, "In", page->total.in);
        reportpage_figure(stream, "Out", page->total.out);
        reportpage_figure(stream, "Total", reporthtml_total(&page->total));
        (void)fprintf(stream, "<div><dt>Sessions</dt><dd>%" PRIu64 "</dd></div>\n",
                      page->total.sessions);
        if (page->month) {
                (void)fputs("<div><dt>Estimate for ", stream);
                reporthtml_text(stream, page->month);
                (void)fputs("</dt><dd>", stream);
                reporthtml_bytes(stream, reporthtml_total(&page->month_end));
                (void)fputs("<small>in ", stream);
                reporthtml_bytes(stream, page->month_end.in);
                (void)fputs(", out ", stream);
                reporthtml_bytes(stream, page->month_end.out);
                (void)fputs("</small></dd></div>\n", stream);
        }
        (void)fputs("</dl>\n", stream);
}

static void reportpage_notes(FILE *stream, const struct reportpage *page) {
        if (!page->n_notes && !page->total.incomplete)
                return;
        (void)fputs("<section class=\"notes\">\n<h2>What is missing</h2>\n<ul>\n", stream);
        if (page->total.incomplete)
                (void)fprintf(stream,
                              "<li>%" PRIu64 " of %" PRIu64 " sessions may miss bytes; their "
                              "figures are the least that flowed.</li>\n",
                              page->total.incomplete, page->total.sessions);
        for (size_t i = 0; i < page->n_notes; i++) {
                (void)fputs("<li>", stream);
                reporthtml_text(stream, page->notes[i]);
                (void)fputs("</li>\n", stream);
        }
        (void)fputs("</ul>\n</section>\n", stream);
}

static void reportpage_number(FILE *stream, uint64_t bytes) {
        if (bytes == REPORTPAGE_UNKNOWN)
                (void)fputs("<td data-value=\"\">", stream);
        else
                (void)fprintf(stream, "<td data-value=\"%" PRIu64 "\">", bytes);
        reporthtml_bytes(stream, bytes);
        (void)fputs("</td>", stream);
}

static void reportpage_figures(FILE *stream, const struct reportpage_row *row, uint64_t whole) {
        uint64_t total = reporthtml_total(row), share = reporthtml_part(total, whole);

        reportpage_number(stream, row->in);
        reportpage_number(stream, row->out);
        reportpage_number(stream, total);
        if (total == REPORTPAGE_UNKNOWN || !whole)
                (void)fputs("<td data-value=\"\"></td>", stream);
        else
                (void)fprintf(stream,
                              "<td data-value=\"%" PRIu64 "\">%" PRIu64 ".%" PRIu64 "%%</td>",
                              share, (share + 50) / 1000, (share + 50) % 1000 / 100);
        (void)fprintf(stream,
                      "<td data-value=\"%" PRIu64 "\">%" PRIu64 "</td>"
                      "<td data-value=\"%" PRIu64 "\">%" PRIu64 "</td></tr>\n",
                      row->sessions, row->sessions, row->incomplete, row->incomplete);
}

static void reportpage_row(FILE *stream, const struct reportpage *page,
                           const struct reportpage_row *row) {
        (void)fputs("<tr>", stream);
        for (size_t i = 0; i < page->n_by; i++) {
                (void)fputs("<td class=\"text\" data-value=\"", stream);
                if (row->key[i])
                        reporthtml_text(stream, row->key[i]);
                (void)fputs("\" title=\"", stream);
                reporthtml_key(stream, row->key[i]);
                (void)fputs("\">", stream);
                reporthtml_key(stream, row->key[i]);
                (void)fputs("</td>", stream);
        }
        reportpage_figures(stream, row, reporthtml_total(&page->total));
}

static bool reportpage_descends(const struct reportpage_rows *rows) {
        for (size_t i = 1; i < rows->n; i++) {
                uint64_t before = reporthtml_total(&rows->rows[i - 1]);
                uint64_t total = reporthtml_total(&rows->rows[i]);

                /* what is not known comes last */
                if (total != REPORTPAGE_UNKNOWN && (before == REPORTPAGE_UNKNOWN || before < total))
                        return false;
        }
        return true;
}

static void reportpage_columns(FILE *stream, const struct reportpage *page) {
        static const char *const figures[] = { "In",    "Out",      "Total",
                                               "Share", "Sessions", "Incomplete" };

        (void)fputs("<thead><tr>", stream);
        for (size_t i = 0; i < page->n_by; i++) {
                (void)fputs("<th scope=\"col\" class=\"text\">", stream);
                reporthtml_text(stream, page->by[i]);
                (void)fputs("</th>", stream);
        }
        for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
                (void)fprintf(stream, "<th scope=\"col\"%s>%s</th>",
                              i == 2 && reportpage_descends(&page->rows)
                                      ? " aria-sort=\"descending\""
                                      : "",
                              figures[i]);
        (void)fputs("</tr></thead>\n<tbody>\n", stream);
}

/* What no login moved is no row of the table, and no part of its sum: it is a line of its own. */
static void reportpage_foot(FILE *stream, const struct reportpage *page) {
        (void)fprintf(stream, "</tbody>\n<tfoot>\n<tr><td class=\"text\" colspan=\"%zu\">All</td>",
                      page->n_by);
        reportpage_figures(stream, &page->total, reporthtml_total(&page->total));
        for (size_t i = 0; i < page->ports.n; i++) {
                const struct reportpage_row *row = &page->ports.rows[i];

                (void)fprintf(stream,
                              "<tr class=\"port\"><td class=\"text\" colspan=\"%zu\">"
                              "Beside it, unauthenticated, on port ",
                              page->n_by);
                reporthtml_key(stream, row->key[0]);
                (void)fputs("</td>", stream);
                reportpage_number(stream, row->in);
                reportpage_number(stream, row->out);
                reportpage_number(stream, reporthtml_total(row));
                (void)fputs("<td></td><td></td><td></td></tr>\n", stream);
        }
        (void)fputs("</tfoot>\n</table>\n</div>\n", stream);
        if (page->ports.n)
                (void)fputs("<p class=\"sub\">Unauthenticated: what failed logins and scanners "
                            "moved on sshd's port; it belongs to no session.</p>\n",
                            stream);
}

static void reportpage_table(FILE *stream, const struct reportpage *page) {
        size_t shown = page->rows.n > REPORTPAGE_ROWS_MAX ? REPORTPAGE_ROWS_MAX : page->rows.n;

        (void)fputs("<section>\n<h2 id=\"table\">By ", stream);
        for (size_t i = 0; i < page->n_by; i++) {
                (void)fputs(i ? " and " : "", stream);
                reporthtml_text(stream, page->by[i]);
        }
        (void)fputs(", in figures</h2>\n<div class=\"tools\"></div>\n<div class=\"scroll\">\n"
                    "<table class=\"sortable\" aria-labelledby=\"table\">\n",
                    stream);
        reportpage_columns(stream, page);
        for (size_t i = 0; i < shown; i++)
                reportpage_row(stream, page, &page->rows.rows[i]);
        reportpage_foot(stream, page);
        if (!page->rows.n)
                (void)fputs("<p class=\"sub\">No session in this period.</p>\n", stream);
        if (shown < page->rows.n)
                (void)fprintf(stream,
                              "<p class=\"sub\">The first %zu of %zu rows; the sum is that of "
                              "all.</p>\n",
                              shown, page->rows.n);
        (void)fputs("</section>\n", stream);
}

static void reportpage_end(FILE *stream, const struct reportpage *page) {
        (void)fputs("</main>\n<footer>\n<p>In is from the clients to this host, out to the "
                    "clients. 1K is 1024 bytes. What flowed in a session is counted on the day on "
                    "which it flowed.</p>\n<p>Generated ",
                    stream);
        reporthtml_text(stream, page->generated);
        (void)fputs(" by pam_traffic ", stream);
        reporthtml_text(stream, page->version);
        (void)fprintf(stream, ".</p>\n</footer>\n<script>%s</script>\n</body>\n</html>\n",
                      reportpage_js);
}

/**
 * reportpage_write() - write a report as a page
 * @page:       the report
 * @stream:     where to
 *
 * Return: 0 or -EIO.
 */
int reportpage_write(const struct reportpage *page, FILE *stream) {
        reportpage_head(stream, page);
        reportpage_totals(stream, page);
        reportpage_notes(stream, page);
        reporthtml_days(stream, &page->days);
        reporthtml_users(stream, &page->users);
        reportpage_table(stream, page);
        reportpage_end(stream, page);
        return ferror(stream) ? -EIO : 0;
}
