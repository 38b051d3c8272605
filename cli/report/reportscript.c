/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A report for programs: JSON (RFC 8259) and CSV (RFC 4180).
 */

#include "reportprint.h"

#include "base/base.h"
#include "cli/shared/csvtext.h"
#include "cli/shared/jsontext.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * reportscript_layer() - name a layer
 * @layer:      the layer
 *
 * Return: the word of --layer.
 */
const char *reportscript_layer(enum index_layer layer) {
        static const char *const names[] = {
                [INDEX_IP] = "ip", [INDEX_WIRE] = "wire", [INDEX_PAYLOAD] = "payload"
        };

        return names[layer];
}

static void reportscript_moment(const char *name, uint64_t moment) {
        char text[CLOCK_TEXT_MAX];

        clock_format(moment, text);
        (void)printf("\"%s\":\"%s\"", name, text);
}

/* A number, or nothing. */
static void reportscript_total(const struct report_row *row, const char *unknown) {
        uint64_t total;

        if (reportdata_total(row, &total))
                (void)printf("%" PRIu64, total);
        else
                (void)fputs(unknown, stdout);
}

static void reportscript_numbers(const struct report_row *row) {
        if (reportdata_is_known(row))
                (void)printf("\"in\":%" PRIu64 ",\"out\":%" PRIu64, row->in, row->out);
        else
                (void)printf("\"in\":null,\"out\":null");
        (void)printf(",\"total\":");
        reportscript_total(row, "null");
        if (row->share >= 0)
                (void)printf(",\"share\":%.6f", row->share);
        else
                (void)printf(",\"share\":null");
        (void)printf(",\"sessions\":%" PRIu64 ",\"unknown\":%" PRIu64 ",\"incomplete\":%" PRIu64
                     ",\"excluded\":%" PRIu64,
                     row->sessions, row->unknown, row->incomplete, row->excluded);
}

/* A uid is a number; what is nobody's has none. */
static int reportscript_key(enum report_by by, const char *key) {
        uint64_t uid;

        if (by != REPORT_UID || !key)
                return jsontext_print(key, stdout);
        if (number_parse(key, strlen(key), 10, INT64_MAX, &uid) < 0)
                (void)printf("null");
        else
                (void)printf("%" PRIu64, uid);
        return 0;
}

static int reportscript_row(const struct report_table *table, const struct report_row *row) {
        bool time = false;
        int r = 0;

        for (size_t i = 0; i < REPORTDATA_KEYS_MAX && table->by[i] && !r; i++) {
                (void)printf("%s\"%s\":", i ? "," : "{", reportby_name(table->by[i]));
                r = reportscript_key(table->by[i], row->key[i]);
                time = time || table->by[i] >= REPORT_HOUR;
        }
        (void)putchar(',');
        if (time) {
                reportscript_moment("begin", row->begin);
                (void)putchar(',');
                reportscript_moment("end", row->end);
                (void)putchar(',');
        }
        reportscript_numbers(row);
        (void)putchar('}');
        return r;
}

/* What went over sshd's ports and is not in the total. */
static void reportscript_port(const char *name, bool known, uint64_t in, uint64_t out,
                              const char *more) {
        if (known && in != INDEX_UNKNOWN && out != INDEX_UNKNOWN)
                (void)printf(",\"%s\":{\"in\":%" PRIu64 ",\"out\":%" PRIu64 "%s}", name, in, out,
                             more);
        else
                (void)printf(",\"%s\":null", name);
}

/* When logins were not recorded; what goes on has no end. */
static void reportscript_gaps(const struct gaps *gaps) {
        (void)printf(",\"gaps\":[");
        for (size_t i = 0; i < gaps->n; i++) {
                const struct gap *gap = &gaps->of[i];

                (void)printf(i ? ",{\"host\":" : "{\"host\":");
                (void)jsontext_print(*gap->host ? gap->host : NULL, stdout);
                (void)putchar(',');
                reportscript_moment("begin", gap->begin);
                (void)putchar(',');
                if (gap->end == UINT64_MAX)
                        (void)printf("\"end\":null");
                else
                        reportscript_moment("end", gap->end);
                (void)printf(",\"cause\":");
                (void)jsontext_print(gaps_cause_name(gap->cause), stdout);
                (void)putchar('}');
        }
        (void)putchar(']');
}

static void reportscript_rest(const struct report_data *data) {
        const struct report_estimate *estimate = &data->estimate;
        const struct index_port *ports = &data->ports;

        (void)printf(",\"total\":{");
        reportscript_numbers(&data->table.total);
        (void)putchar('}');
        reportscript_port("excluded", data->excluded_known, ports->excluded_in, ports->excluded_out,
                          "");
        reportscript_port("unauthenticated", data->ports_known, ports->unauthenticated_in,
                          ports->unauthenticated_out,
                          ports->misses ? ",\"complete\":false" : ",\"complete\":true");
        if (estimate->known)
                (void)printf(",\"estimate\":{\"month\":\"%s\",\"elapsed\":%.6f,\"in\":%" PRIu64
                             ",\"out\":%" PRIu64 ",\"estimated_in\":%" PRIu64
                             ",\"estimated_out\":%" PRIu64 "}",
                             estimate->label, estimate->elapsed, estimate->in, estimate->out,
                             estimate->estimated_in, estimate->estimated_out);
        else
                (void)printf(",\"estimate\":null");
        reportscript_gaps(&data->gaps);
        (void)printf(",\"open\":%" PRIu64 ",", data->counts.open);
        if (data->counts.open_until)
                reportscript_moment("open_until", data->counts.open_until);
        else
                (void)printf("\"open_until\":null");
        (void)printf(",\"records\":%" PRIu64 ",\"bad_lines\":%" PRIu64 "}\n", data->counts.records,
                     data->counts.bad_lines);
}

/**
 * reportscript_json() - print a report as one JSON object
 * @data:       the report
 *
 * Return: 0 or -ENOMEM.
 */
int reportscript_json(const struct report_data *data) {
        const struct report_table *table = &data->table;
        int r = 0;

        (void)printf("{\"ledger\":\"%s\",\"layer\":\"%s\",",
                     data->ledger == INDEX_USERS ? "users" : "ssh",
                     reportscript_layer(data->layer));
        reportscript_moment("since", data->since);
        (void)putchar(',');
        reportscript_moment("until", data->until);
        (void)printf(",\"by\":[");
        for (size_t i = 0; i < REPORTDATA_KEYS_MAX && table->by[i]; i++)
                (void)printf("%s\"%s\"", i ? "," : "", reportby_name(table->by[i]));
        (void)printf("],\"rows\":[");
        for (size_t i = 0; i < table->n && !r; i++) {
                (void)printf(i ? ",\n" : "\n");
                r = reportscript_row(table, &table->rows[i]);
        }
        (void)printf("%s],\"rows_left_out\":%zu", table->n ? "\n" : "", table->n_all - table->n);
        reportscript_rest(data);
        return r;
}

/**
 * reportscript_csv() - print a report's rows as CSV
 * @print:      how
 * @data:       the report
 *
 * Return: 0 or -ENOMEM.
 */
int reportscript_csv(const struct reportprint *print, const struct report_data *data) {
        const struct report_table *table = &data->table;
        int r = 0;

        for (size_t i = 0; i < REPORTDATA_KEYS_MAX && table->by[i] && !print->noheadings; i++)
                (void)printf("%s,", reportby_name(table->by[i]));
        if (!print->noheadings)
                (void)printf("in,out,total,sessions,share,unknown,incomplete,excluded\n");
        for (size_t i = 0; i < table->n && !r; i++) {
                const struct report_row *row = &table->rows[i];

                for (size_t key = 0; key < REPORTDATA_KEYS_MAX && table->by[key] && !r; key++) {
                        r = csvtext_print(row->key[key]);
                        (void)putchar(',');
                }
                if (reportdata_is_known(row))
                        (void)printf("%" PRIu64 ",%" PRIu64, row->in, row->out);
                else
                        (void)putchar(',');
                (void)putchar(',');
                reportscript_total(row, "");
                (void)printf(",%" PRIu64 ",", row->sessions);
                if (row->share >= 0)
                        (void)printf("%.6f", row->share);
                (void)printf(",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", row->unknown,
                             row->incomplete, row->excluded);
        }
        return r;
}
