/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A report as a table for people.
 *
 * Owns: its columns, the bars, and the sentences below it: what the sums do not include, and the
 * estimate for the month.
 */

#include "reportprint.h"

#include "base/base.h"
#include "cli/shared/gaptext.h"
#include "cli/shared/human.h"
#include "cli/shared/table.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#define REPORTTABLE_GAPS_MAX 5
#define REPORTTABLE_BAR 16
#define REPORTTABLE_KEY_MAX 12

/* Behind the keys. */
enum reporttable_column {
        REPORTTABLE_IN,
        REPORTTABLE_OUT,
        REPORTTABLE_TOTAL,
        REPORTTABLE_SESSIONS,
        REPORTTABLE_SHARE,
        REPORTTABLE_BARS,
        REPORTTABLE_NOTES,
        REPORTTABLE_COLUMNS,
};

static const struct table_column reporttable_columns[REPORTTABLE_COLUMNS] = {
        [REPORTTABLE_IN] = { "IN", TABLE_RIGHT },
        [REPORTTABLE_OUT] = { "OUT", TABLE_RIGHT },
        [REPORTTABLE_TOTAL] = { "TOTAL", TABLE_RIGHT },
        [REPORTTABLE_SESSIONS] = { "SESSIONS", TABLE_RIGHT },
        [REPORTTABLE_SHARE] = { "SHARE", TABLE_RIGHT },
        [REPORTTABLE_BARS] = { "", TABLE_YIELD_FIRST },
        [REPORTTABLE_NOTES] = { "NOTES", TABLE_TRUNCATE },
};

static const struct table_column reporttable_keys[] = {
        [REPORT_NONE] = { "", 0 },           [REPORT_USER] = { "USER", 0 },
        [REPORT_KEY] = { "KEY", 0 },         [REPORT_REMOTE] = { "REMOTE", TABLE_TRUNCATE },
        [REPORT_NETWORK] = { "NETWORK", 0 }, [REPORT_HOST] = { "HOST", 0 },
        [REPORT_SERVICE] = { "SERVICE", 0 }, [REPORT_KIND] = { "KIND", 0 },
        [REPORT_UID] = { "UID", 0 },         [REPORT_LOGIN] = { "LOGIN", 0 },
        [REPORT_HOUR] = { "HOUR", 0 },       [REPORT_DAY] = { "DAY", 0 },
        [REPORT_MONTH] = { "MONTH", 0 },
};

struct reporttable {
        const struct reportprint *print;
        const struct report_data *data;
        struct table *table;
        struct table_column columns[REPORTDATA_KEYS_MAX + REPORTTABLE_COLUMNS];
        int place[REPORTTABLE_COLUMNS]; /* -1: not shown */
        size_t n, n_keys;
        double largest; /* share of a row */
        bool utf8;
        bool measure; /* the first time, the widths alone */
};

/* One that is not shown is put behind all that are, where nobody looks. */
static char *reporttable_cell(const struct reporttable *table, struct table_cells *cells,
                              enum reporttable_column column) {
        int place = table->place[column];

        return cells->of[place < 0 ? TABLE_COLUMNS_MAX - 1 : place];
}

/* What is no number stays empty. */
static void reporttable_bytes(const struct reporttable *table, uint64_t bytes,
                              char cell[static TABLE_CELL_MAX]) {
        if (bytes == INDEX_UNKNOWN)
                cell[0] = '\0';
        else if (table->print->bytes)
                (void)snprintf(cell, TABLE_CELL_MAX, "%" PRIu64, bytes);
        else
                human_bytes(bytes, cell);
}

/* A key of SSH as ssh-keygen -l has it, without the name of the hash; its begin will do. */
static void reporttable_key(const struct reporttable *table, enum report_by by, const char *text,
                            char cell[static TABLE_CELL_MAX]) {
        static const char hash[] = "SHA256:";
        char begin[REPORTTABLE_KEY_MAX + 1];

        if (by == REPORT_KEY && text && !strncmp(text, hash, strlen(hash))) {
                (void)snprintf(begin, sizeof(begin), "%s", text + strlen(hash));
                text = begin;
        }
        table_text(table->table, text, cell);
}

/* Eighths of a block where the locale has them (U+2588 to U+258F), else whole ones. */
static void reporttable_bar(const struct reporttable *table, double share,
                            char cell[static TABLE_CELL_MAX]) {
        double part = table->largest > 0 && share > 0 ? share / table->largest : 0;
        size_t eighths = (size_t)(part * REPORTTABLE_BAR * 8 + 0.5), used = 0;

        for (; eighths >= 8; eighths -= 8)
                used += (size_t)snprintf(cell + used, TABLE_CELL_MAX - used, "%s",
                                         table->utf8 ? "\u2588" : "#");
        if (table->utf8 && eighths)
                (void)snprintf(cell + used, TABLE_CELL_MAX - used, "\xe2\x96%c",
                               (char)(0x90 - (int)eighths));
}

static size_t reporttable_note(char cell[static TABLE_CELL_MAX], size_t used, uint64_t n,
                               const char *what) {
        if (!n || used >= TABLE_CELL_MAX)
                return used;
        return used + (size_t)snprintf(cell + used, TABLE_CELL_MAX - used, "%s%" PRIu64 " %s",
                                       used ? ", " : "", n, what);
}

/* The numbers of a row; its keys are set. */
static void reporttable_numbers(const struct reporttable *table, const struct report_row *row,
                                struct table_cells *cells) {
        bool known = reportdata_is_known(row);
        char *notes = reporttable_cell(table, cells, REPORTTABLE_NOTES);
        size_t used;

        if (known) {
                reporttable_bytes(table, row->in, reporttable_cell(table, cells, REPORTTABLE_IN));
                reporttable_bytes(table, row->out, reporttable_cell(table, cells, REPORTTABLE_OUT));
                reporttable_bytes(table, number_add(row->in, row->out),
                                  reporttable_cell(table, cells, REPORTTABLE_TOTAL));
        }
        if (row->share >= 0)
                (void)snprintf(reporttable_cell(table, cells, REPORTTABLE_SHARE), TABLE_CELL_MAX,
                               "%.1f%%", row->share * 100);
        (void)snprintf(reporttable_cell(table, cells, REPORTTABLE_SESSIONS), TABLE_CELL_MAX,
                       "%" PRIu64, row->sessions);
        used = reporttable_note(notes, 0, row->unknown, "unknown");
        used = reporttable_note(notes, used, row->incomplete, "incomplete");
        (void)reporttable_note(notes, used, row->excluded, "excluded");
}

static int reporttable_put(struct reporttable *table, const struct table_cells *cells) {
        if (!table->measure)
                return table_add(table->table, cells);
        table_measure(table->table, cells);
        return 0;
}

/* Rows that --limit cut off, in one. */
static int reporttable_others(struct reporttable *table) {
        const struct report_table *rows = &table->data->table;
        struct table_cells cells = { 0 };
        uint64_t in = rows->total.in, out = rows->total.out;
        double share = rows->total.share;

        if (rows->n == rows->n_all)
                return 0;
        /* no row of a known total is no number */
        for (size_t i = 0; i < rows->n; i++) {
                in -= in == INDEX_UNKNOWN ? 0 : rows->rows[i].in;
                out -= out == INDEX_UNKNOWN ? 0 : rows->rows[i].out;
                share -= rows->rows[i].share > 0 ? rows->rows[i].share : 0;
        }
        (void)snprintf(cells.of[0], TABLE_CELL_MAX, "(%zu others)", rows->n_all - rows->n);
        reporttable_bytes(table, in, reporttable_cell(table, &cells, REPORTTABLE_IN));
        reporttable_bytes(table, out, reporttable_cell(table, &cells, REPORTTABLE_OUT));
        reporttable_bytes(table, number_add(in, out),
                          reporttable_cell(table, &cells, REPORTTABLE_TOTAL));
        if (rows->total.share >= 0)
                (void)snprintf(reporttable_cell(table, &cells, REPORTTABLE_SHARE), TABLE_CELL_MAX,
                               "%.1f%%", share > 0 ? share * 100 : 0);
        return reporttable_put(table, &cells);
}

static int reporttable_beside(struct reporttable *table, const char *what, uint64_t in,
                              uint64_t out) {
        struct table_cells cells = { 0 };

        (void)snprintf(cells.of[0], TABLE_CELL_MAX, "(%s)", what);
        if (in != INDEX_UNKNOWN && out != INDEX_UNKNOWN) {
                reporttable_bytes(table, in, reporttable_cell(table, &cells, REPORTTABLE_IN));
                reporttable_bytes(table, out, reporttable_cell(table, &cells, REPORTTABLE_OUT));
                reporttable_bytes(table, number_add(in, out),
                                  reporttable_cell(table, &cells, REPORTTABLE_TOTAL));
        }
        return reporttable_put(table, &cells);
}

/* What is not in the total. */
static int reporttable_ports(struct reporttable *table) {
        const struct index_port *ports = &table->data->ports;
        int r = 0;

        if (table->data->excluded_known && (ports->excluded_in || ports->excluded_out))
                r = reporttable_beside(table, "excluded", ports->excluded_in, ports->excluded_out);
        return r || !table->data->ports_known
                       ? r
                       : reporttable_beside(table, "unauthenticated", ports->unauthenticated_in,
                                            ports->unauthenticated_out);
}

static int reporttable_rows(struct reporttable *table) {
        const struct report_table *rows = &table->data->table;
        struct table_cells cells;
        int r = 0;

        for (size_t i = 0; i < rows->n && !r; i++) {
                memset(&cells, 0, sizeof(cells));
                for (size_t key = 0; key < table->n_keys; key++)
                        reporttable_key(table, rows->by[key], rows->rows[i].key[key],
                                        cells.of[key]);
                reporttable_numbers(table, &rows->rows[i], &cells);
                if (table->place[REPORTTABLE_BARS] >= 0)
                        reporttable_bar(table, rows->rows[i].share,
                                        reporttable_cell(table, &cells, REPORTTABLE_BARS));
                r = reporttable_put(table, &cells);
        }
        if (!r)
                r = reporttable_others(table);
        if (r)
                return r;
        memset(&cells, 0, sizeof(cells));
        (void)snprintf(cells.of[0], TABLE_CELL_MAX, "total");
        reporttable_numbers(table, &rows->total, &cells);
        r = reporttable_put(table, &cells);
        return r ? r : reporttable_ports(table);
}

static void reporttable_shape(struct reporttable *table) {
        const struct report_table *rows = &table->data->table;
        const struct report_row *total = &rows->total;
        bool notes = total->unknown || total->incomplete || total->excluded;

        for (size_t i = 0; i < REPORTDATA_KEYS_MAX && rows->by[i]; i++)
                table->columns[table->n++] = reporttable_keys[rows->by[i]];
        table->n_keys = table->n;
        for (size_t i = 0; i < REPORTTABLE_COLUMNS; i++) {
                bool shown = (i != REPORTTABLE_BARS || table->print->bars) &&
                             (i != REPORTTABLE_NOTES || notes);

                table->place[i] = shown ? (int)table->n : -1;
                if (shown)
                        table->columns[table->n++] = reporttable_columns[i];
        }
        for (size_t i = 0; i < rows->n; i++)
                if (rows->rows[i].share > table->largest)
                        table->largest = rows->rows[i].share;
        table->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static void reporttable_sentence(const struct report_data *data, uint64_t n, const char *what) {
        if (n)
                (void)printf("%" PRIu64 " %s%s: %s\n", n, reportdata_noun(data, false),
                             n == 1 ? "" : "s", what);
}

/* How old the figures of the open sessions are. */
static void reporttable_open(const struct report_data *data) {
        const struct index_counts *counts = &data->counts;
        char until[HUMAN_TEXT_MAX];

        if (!counts->open || !counts->open_until || data->until <= counts->open_until)
                return;
        human_time(counts->open_until, until);
        if (data->of_some || data->ledger == INDEX_USERS)
                (void)printf("%ss that are open are counted to %s\n", reportdata_noun(data, true),
                             until);
        else
                (void)printf("%" PRIu64 " session%s open, counted to %s\n", counts->open,
                             counts->open == 1 ? "" : "s", until);
}

static void reporttable_gaps(const struct report_data *data) {
        for (size_t i = 0; i < data->gaps.n && i < REPORTTABLE_GAPS_MAX; i++) {
                char text[GAPTEXT_MAX];

                gaptext_make(&data->gaps.of[i], data->ledger == INDEX_USERS, text);
                (void)printf("%s\n", text);
        }
        if (data->gaps.n > REPORTTABLE_GAPS_MAX)
                (void)printf("... and %zu times more\n", data->gaps.n - REPORTTABLE_GAPS_MAX);
}

static void reporttable_below(const struct reporttable *table) {
        const struct report_data *data = table->data;
        const struct report_row *total = &data->table.total;
        const struct report_estimate *estimate = &data->estimate;
        char since[HUMAN_TEXT_MAX], until[HUMAN_TEXT_MAX];
        char so_far[TABLE_CELL_MAX], in[TABLE_CELL_MAX], out[TABLE_CELL_MAX];

        human_time(data->since, since);
        human_time(data->until, until);
        (void)printf("\n%s bytes%s, %s to %s%s\n", reportscript_layer(data->layer),
                     data->ledger == INDEX_USERS ? " of all programs" : "", since, until,
                     data->utc ? " UTC" : "");
        reporttable_open(data);
        reporttable_gaps(data);
        reporttable_sentence(data, total->unknown,
                             "not all bytes are known; the known bytes are counted");
        reporttable_sentence(data, total->incomplete,
                             data->ports_known && data->ports.misses
                                     ? "bytes may be missing (complete: false); these may be in "
                                       "(unauthenticated)"
                                     : "bytes may be missing (complete: false)");
        reporttable_sentence(data, total->excluded,
                             "not counted, because the configuration excludes their networks");
        if (!estimate->known)
                return;
        reporttable_bytes(table, number_add(estimate->in, estimate->out), so_far);
        reporttable_bytes(table, estimate->estimated_in, in);
        reporttable_bytes(table, estimate->estimated_out, out);
        (void)printf("Month %s: %s after %d%% of the month; at this pace, %s in and %s out at "
                     "its end\n",
                     estimate->label, so_far, (int)(estimate->elapsed * 100), in, out);
}

/**
 * reporttable_print() - print a report for people
 * @print:      how
 * @data:       the report
 *
 * Return: 0, or a negative errno.
 */
int reporttable_print(const struct reportprint *print, const struct report_data *data) {
        struct reporttable table = { .print = print, .data = data, .measure = true };
        _cleanup_(table_freep) struct table *lines = NULL;
        int r;

        reporttable_shape(&table);
        r = table_new(table.columns, table.n, !print->noheadings, &lines);
        if (r < 0)
                return r;
        table.table = lines;
        r = reporttable_rows(&table);
        table.measure = false;
        if (!r)
                r = reporttable_rows(&table);
        if (!r)
                r = table_end(lines);
        if (!r)
                reporttable_below(&table);
        return r;
}
