/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A report as a page.
 *
 * Owns: the document. It is complete without script and without network: its style and its script
 * are inside. Its policy (Content-Security-Policy) allows only these two, by their hashes, and no
 * request to anywhere. So a name in the log that looks like HTML could do nothing even if it were
 * not escaped.
 * Relies on: reporthtml.c for all text that is not the page's own.
 */

#include "reportpage.h"

#include "base/base.h"
#include "cli/shared/calendar.h"
#include "cli/shared/human.h"
#include "config.h"
#include "reporthtml.h"
#include "reportpage-assets.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A browser sorts that many rows at once, and people do not read more. */
#define REPORTPAGE_ROWS_MAX 5000

static const char *reportpage_layer(enum index_layer layer) {
        static const char *const words[] = {
                [INDEX_IP] = "IP bytes, as the kernel counts them",
                [INDEX_WIRE] = "bytes on the wire, as a router would have counted them",
                [INDEX_PAYLOAD] = "TCP payload: what the programs moved",
        };

        return words[layer];
}

static void reportpage_moment(FILE *stream, const struct report_data *data, uint64_t realtime,
                              bool zone) {
        struct tm fields = calendar_fields(realtime);
        char text[HUMAN_TEXT_MAX];

        if (strftime(text, sizeof(text),
                     zone && !data->utc ? "%Y-%m-%d %H:%M %Z" : "%Y-%m-%d %H:%M", &fields))
                reporthtml_text(stream, text);
        if (zone && data->utc)
                (void)fputs(" UTC", stream);
}

static void reportpage_period(FILE *stream, const struct report_data *data) {
        reportpage_moment(stream, data, data->since, false);
        (void)fputs(" to ", stream);
        reportpage_moment(stream, data, data->until, true);
}

/* Of what the log is: it may be of another host, or of several. */
static void reportpage_hosts(FILE *stream, const struct reportpage *page) {
        const struct report_table *hosts = &page->data->hosts;
        char name[HOST_NAME_MAX + 1] = "";

        if (hosts->n > 1) {
                (void)fprintf(stream, "%zu hosts", hosts->n);
                return;
        }
        /* nothing was recorded */
        if (!hosts->n && page->of_files) {
                (void)fputs("a log", stream);
                return;
        }
        if (!hosts->n)
                (void)gethostname(name, sizeof(name) - 1);
        reporthtml_key(stream, hosts->n ? hosts->rows[0].key[0] : name);
}

static const char *reportpage_subject(const struct reportpage *page) {
        return page->data->ledger == INDEX_USERS ? "Traffic of all programs of "
                                                 : "SSH traffic of ";
}

/* How old the figures of what is open are. */
static void reportpage_open(FILE *stream, const struct report_data *data, const char *begin) {
        if (!data->counts.open || !data->counts.open_until)
                return;
        (void)fprintf(stream, "%s%ss are counted to ", begin, reportdata_noun(data, false));
        reportpage_moment(stream, data, data->counts.open_until, true);
}

static void reportpage_head(FILE *stream, const struct reportpage *page) {
        (void)fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\""
                    "default-src 'none'; style-src '" REPORTPAGE_CSS_HASH "'; "
                    "script-src '" REPORTPAGE_JS_HASH "'; base-uri 'none'; form-action 'none'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"referrer\" content=\"no-referrer\">\n"
                    "<title>",
                    stream);
        (void)fputs(reportpage_subject(page), stream);
        reportpage_hosts(stream, page);
        (void)fputs(", ", stream);
        reportpage_period(stream, page->data);
        (void)fprintf(stream, "</title>\n<style>%s</style>\n</head>\n<body>\n<header>\n<div>\n",
                      reportpage_css);
        (void)fprintf(stream, "<h1>%s", reportpage_subject(page));
        if (page->user) {
                reporthtml_text(stream, page->user);
                (void)fputs(" on ", stream);
        }
        reportpage_hosts(stream, page);
        if (page->filtered)
                (void)fputs(", some keys or addresses only", stream);
        (void)fputs("</h1>\n<p class=\"sub\">", stream);
        reportpage_period(stream, page->data);
        reportpage_open(stream, page->data, "; open ");
        (void)fprintf(stream, "; %s</p>\n</div>\n</header>\n<main>\n",
                      reportpage_layer(page->data->layer));
}

static void reportpage_figure(FILE *stream, const char *name, uint64_t bytes) {
        (void)fprintf(stream, "<div><dt>%s</dt><dd>", name);
        reporthtml_bytes(stream, bytes);
        (void)fputs("</dd></div>\n", stream);
}

static void reportpage_totals(FILE *stream, const struct report_data *data) {
        const struct report_estimate *estimate = &data->estimate;
        const struct report_row *total = &data->table.total;

        (void)fputs("<dl class=\"totals\">\n", stream);
        reportpage_figure(stream, "In", reporthtml_in(total));
        reportpage_figure(stream, "Out", reporthtml_out(total));
        reportpage_figure(stream, "Total", reporthtml_total(total));
        (void)fprintf(stream, "<div><dt>%ss</dt><dd>%" PRIu64 "</dd></div>\n",
                      reportdata_noun(data, true), total->sessions);
        if (estimate->known) {
                (void)fputs("<div><dt>Month ", stream);
                reporthtml_text(stream, estimate->label);
                (void)fputs(", at this pace</dt><dd>", stream);
                reporthtml_bytes(stream,
                                 number_add(estimate->estimated_in, estimate->estimated_out));
                (void)fputs("<small>in ", stream);
                reporthtml_bytes(stream, estimate->estimated_in);
                (void)fputs(", out ", stream);
                reporthtml_bytes(stream, estimate->estimated_out);
                (void)fprintf(stream, "; %d%% of the month has passed</small></dd></div>\n",
                              (int)(estimate->elapsed * 100));
        }
        (void)fputs("</dl>\n", stream);
}

static void reportpage_number(FILE *stream, uint64_t bytes) {
        if (bytes == REPORTHTML_UNKNOWN)
                (void)fputs("<td data-value=\"\">", stream);
        else
                (void)fprintf(stream, "<td data-value=\"%" PRIu64 "\">", bytes);
        reporthtml_bytes(stream, bytes);
        (void)fputs("</td>", stream);
}

static void reportpage_figures(FILE *stream, const struct report_row *row, uint64_t whole) {
        uint64_t total = reporthtml_total(row), share = reporthtml_part(total, whole);

        reportpage_number(stream, reporthtml_in(row));
        reportpage_number(stream, reporthtml_out(row));
        reportpage_number(stream, total);
        if (total == REPORTHTML_UNKNOWN || whole == REPORTHTML_UNKNOWN || !whole)
                (void)fputs("<td data-value=\"\"></td>", stream);
        else
                (void)fprintf(stream,
                              "<td data-value=\"%" PRIu64 "\">%" PRIu64 ".%" PRIu64 "%%</td>",
                              share, (share + 50) / 1000, (share + 50) % 1000 / 100);
        (void)fprintf(stream,
                      "<td data-value=\"%" PRIu64 "\">%" PRIu64 "</td>"
                      "<td data-value=\"%" PRIu64 "\">%" PRIu64 "</td></tr>\n",
                      row->sessions, row->sessions, reporthtml_doubtful(row),
                      reporthtml_doubtful(row));
}

static size_t reportpage_keys(const struct report_table *table) {
        size_t n = 0;

        while (n < REPORTDATA_KEYS_MAX && table->by[n] != REPORT_NONE)
                n++;
        return n;
}

static void reportpage_row(FILE *stream, const struct report_table *table,
                           const struct report_row *row) {
        (void)fputs("<tr>", stream);
        for (size_t i = 0; i < reportpage_keys(table); i++) {
                (void)fputs("<td class=\"text\" data-value=\"", stream);
                if (row->key[i])
                        reporthtml_text(stream, row->key[i]);
                (void)fputs("\" title=\"", stream);
                reporthtml_key(stream, row->key[i]);
                (void)fputs("\">", stream);
                reporthtml_key(stream, row->key[i]);
                (void)fputs("</td>", stream);
        }
        reportpage_figures(stream, row, reporthtml_total(&table->total));
}

static bool reportpage_descends(const struct report_table *rows) {
        for (size_t i = 1; i < rows->n; i++) {
                uint64_t before = reporthtml_total(&rows->rows[i - 1]);
                uint64_t total = reporthtml_total(&rows->rows[i]);

                /* what is not known comes last */
                if (total != REPORTHTML_UNKNOWN && (before == REPORTHTML_UNKNOWN || before < total))
                        return false;
        }
        return true;
}

static void reportpage_columns(FILE *stream, const struct report_data *data) {
        const char *const figures[] = { "In",
                                        "Out",
                                        "Total",
                                        "Share",
                                        data->ledger == INDEX_USERS ? "Accounts" : "Sessions",
                                        "Incom&shy;plete" };
        const struct report_table *table = &data->table;

        (void)fputs("<thead><tr>", stream);
        for (size_t i = 0; i < reportpage_keys(table); i++)
                (void)fprintf(stream, "<th scope=\"col\" class=\"text\">%s</th>",
                              reportby_name(table->by[i]));
        for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
                (void)fprintf(stream, "<th scope=\"col\"%s>%s</th>",
                              i == 2 && reportpage_descends(table) ? " aria-sort=\"descending\""
                                                                   : "",
                              figures[i]);
        (void)fputs("</tr></thead>\n<tbody>\n", stream);
}

/* INDEX_UNKNOWN is REPORTHTML_UNKNOWN */
static void reportpage_beside(FILE *stream, size_t keys, const char *what, uint64_t in,
                              uint64_t out) {
        const struct report_row row = { .in = in, .out = out };

        (void)fprintf(stream,
                      "<tr class=\"beside\"><td class=\"text\" colspan=\"%zu\">Not included: "
                      "%s</td>",
                      keys, what);
        reportpage_number(stream, in);
        reportpage_number(stream, out);
        reportpage_number(stream, reporthtml_total(&row));
        (void)fputs("<td></td><td></td><td></td></tr>\n", stream);
}

/* What no session of the table moved is no row of the table, and no part of its sum: it is a line
 * of its own. */
static void reportpage_foot(FILE *stream, const struct report_data *data) {
        const struct report_row *total = &data->table.total;
        size_t keys = reportpage_keys(&data->table);
        const struct index_port *ports = &data->ports;

        (void)fprintf(stream, "</tbody>\n<tfoot>\n<tr><td class=\"text\" colspan=\"%zu\">All</td>",
                      keys);
        reportpage_figures(stream, total, reporthtml_total(total));
        if (data->excluded_known && (ports->excluded_in || ports->excluded_out))
                reportpage_beside(stream, keys, "excluded networks", ports->excluded_in,
                                  ports->excluded_out);
        if (data->ports_known)
                reportpage_beside(stream, keys, "unauthen&shy;ticated", ports->unauthenticated_in,
                                  ports->unauthenticated_out);
        (void)fputs("</tfoot>\n</table>\n</div>\n", stream);
        if (data->of_some || data->ledger == INDEX_USERS)
                return; /* the ports know no users */
        (void)fputs("<p class=\"sub\">", stream);
        (void)fputs(data->ports_known && ports->unauthenticated_in != INDEX_UNKNOWN
                            ? ports->misses
                                      ? "Unauthenticated: what sshd's ports moved less what the "
                                        "sessions moved. That is of failed logins and scanners, "
                                        "and what may be missing of sessions.</p>\n"
                                      : "Unauthenticated: what sshd's ports moved less what the "
                                        "sessions moved. That is of failed logins and "
                                        "scanners.</p>\n"
                            : "What failed logins and scanners moved on sshd's ports is not known "
                              "for this period.</p>\n",
                    stream);
}

static void reportpage_table(FILE *stream, const struct report_data *data) {
        const struct report_table *table = &data->table;
        size_t shown = table->n > REPORTPAGE_ROWS_MAX ? REPORTPAGE_ROWS_MAX : table->n;

        (void)fprintf(stream, "<section>\n<h2 id=\"%stable\">Table by ", reporthtml_prefix(data));
        for (size_t i = 0; i < reportpage_keys(table); i++)
                (void)fprintf(stream, "%s%s", i ? " and " : "", reportby_name(table->by[i]));
        (void)fprintf(stream,
                      "</h2>\n<div class=\"tools\"></div>\n<div class=\"scroll\">\n"
                      "<table class=\"sortable\" aria-labelledby=\"%stable\">\n",
                      reporthtml_prefix(data));
        reportpage_columns(stream, data);
        for (size_t i = 0; i < shown; i++)
                reportpage_row(stream, table, &table->rows[i]);
        reportpage_foot(stream, data);
        if (!table->n)
                (void)fprintf(stream, "<p class=\"sub\">No %s in this period.</p>\n",
                              reportdata_noun(data, false));
        if (shown < table->n_all)
                (void)fprintf(
                        stream,
                        "<p class=\"sub\">These are the first %zu of %zu rows; the row All has the "
                        "sum of all rows.</p>\n",
                        shown, table->n_all);
        (void)fputs("</section>\n", stream);
}

/* The other ledger; its sums are never added to those above. */
static void reportpage_users(FILE *stream, const struct report_data *users) {
        (void)fputs(
                "<section class=\"part\">\n<h2 id=\"users\">All programs of all users</h2>\n"
                "<p class=\"sub\">What every socket of a user moved, by any program. Do not add "
                "it to the figures above: what goes through a forward of SSH is in "
                "both",
                stream);
        reportpage_open(stream, users, "; open ");
        (void)fputs(".</p>\n</section>\n", stream);
        reportpage_totals(stream, users);
        reportnotes_write(stream, users, 0);
        reportchart_days(stream, users);
        reportchart_bars(stream, users);
        reportpage_table(stream, users);
}

static void reportpage_end(FILE *stream, const struct reportpage *page) {
        const struct report_data *data = page->data;
        const char *counted = data->ledger == INDEX_USERS ? "an account"
                              : page->users               ? "a session or an account"
                                                          : "a session";

        (void)fputs("</main>\n<footer>\n<p>", stream);
        if (data->ledger != INDEX_USERS)
                (void)fputs("In is from the clients to this host, out to the clients. ", stream);
        if (data->ledger == INDEX_USERS || page->users)
                (void)fputs("Of all programs, in is what came to this host, out what left it; an "
                            "account is one login of a user, or what was of none. ",
                            stream);
        (void)fprintf(stream,
                      "1K is 1024 bytes. Bytes belong to the day on which they flowed; %s that "
                      "was open on two days is counted for both days, but only once in the row "
                      "All.</p>\n<p>Generated ",
                      counted);
        reportpage_moment(stream, data, data->now, true);
        (void)fprintf(stream,
                      " by pam_traffic %s.</p>\n</footer>\n<script>%s</script>\n</body>\n</html>\n",
                      PROJECT_VERSION, reportpage_js);
}

/**
 * reportpage_write() - write a report as a page
 * @page:       the report, and whose it is
 * @stream:     where to
 *
 * Return: 0 or -EIO.
 */
int reportpage_write(const struct reportpage *page, FILE *stream) {
        reportpage_head(stream, page);
        reportpage_totals(stream, page->data);
        reportnotes_write(stream, page->data, page->data->counts.bad_lines);
        reportchart_days(stream, page->data);
        reportchart_bars(stream, page->data);
        reportpage_table(stream, page->data);
        if (page->users)
                reportpage_users(stream, page->users);
        reportpage_end(stream, page);
        return ferror(stream) ? -EIO : 0;
}
