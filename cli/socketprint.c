/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Connections, or their sums, on standard output.
 *
 * Owns: the three forms. JSON: ASCII only, numbers as numbers, null for what is not known. CSV: RFC
 * 4180, with text as a terminal may see it.
 * Does not: use a library for the latter two: a host has 100,000 connections, and none of them
 * needs an object.
 */

#include "socketprint.h"

#include "pam_traffic/text.h"

#include <stdio.h>
#include <string.h>

/* Above all names of users, programs and sessions; what is longer is shortened. */
#define SOCKETPRINT_TEXT_MAX 1024

static void socketprint_put(const char *text) {
        (void)fputs_unlocked(text, stdout);
}

static void socketprint_number(uint64_t number) {
        char text[24], *at = text + sizeof(text) - 1;

        *at = '\0';
        do
                *--at = (char)('0' + number % 10);
        while (number /= 10);
        socketprint_put(at);
}

/* Whether a text is what it is in every form. */
static bool socketprint_is_plain(const char *text) {
        for (; *text; text++)
                if (*text < ' ' || *text > '~' || strchr("\"\\,", *text))
                        return false;
        return true;
}

static void socketprint_json_text(const char *text) {
        char clean[TEXT_ESCAPE_MAX(SOCKETPRINT_TEXT_MAX)];
        char quoted[6 * sizeof(clean)], ascii[sizeof(quoted)];
        size_t used = 0;

        (void)putc_unlocked('"', stdout);
        if (socketprint_is_plain(text)) {
                socketprint_put(text);
        } else {
                /* no control character but those below a blank is left, RFC 8259 section 7 */
                text_to_utf8(text, clean, SOCKETPRINT_TEXT_MAX);
                for (const char *at = clean; *at; at++)
                        if (*at == '"' || *at == '\\')
                                used += (size_t)snprintf(quoted + used, sizeof(quoted) - used,
                                                         "\\%c", *at);
                        else if ((unsigned char)*at < ' ')
                                used += (size_t)snprintf(quoted + used, sizeof(quoted) - used,
                                                         "\\u%04x", *at);
                        else
                                quoted[used++] = *at;
                quoted[used] = '\0';
                text_json_to_ascii(quoted, ascii, sizeof(ascii));
                socketprint_put(ascii);
        }
        (void)putc_unlocked('"', stdout);
}

static void socketprint_json_value(const struct socketrow_value *value) {
        switch (value->kind) {
        case SOCKETROW_UNKNOWN:
                socketprint_put("null");
                break;
        case SOCKETROW_TEXT:
                socketprint_json_text(value->text);
                break;
        case SOCKETROW_NUMBER:
        case SOCKETROW_BYTES:
        case SOCKETROW_SECONDS:
                socketprint_number(value->number);
                break;
        }
}

/* A sum over the logins has no session of its own, and is called as they are. */
static void socketprint_json_row(const struct socketprint *print,
                                 const struct socketrow_world *world, const struct socketrow *row) {
        struct socketrow_value value;

        for (size_t i = 0; i < print->n_columns; i++) {
                enum socketrow_column column = print->columns[i];

                socketprint_put(i ? ",\"" : "{\"");
                socketprint_put(socketrow_name(column));
                socketprint_put("\":");
                socketrow_value(world, row, column, &value);
                socketprint_json_value(&value);
                if (column == SOCKETROW_SESSION)
                        socketprint_put(row->row->flags & AUDIT_LOGIN ? ",\"login\":true"
                                                                      : ",\"login\":false");
        }
        socketprint_put("}");
}

/**
 * socketprint_json() - print for programs
 * @print:      how
 * @world:      besides the rows; with an interval, a line of its own; else a document
 * @list:       the rows
 * @name:       what they are called together
 */
void socketprint_json(const struct socketprint *print, const struct socketrow_world *world,
                      const struct socketlist *list, const char *name) {
        const char *between = world->interval ? "," : ",\n";

        if (world->interval)
                (void)printf("{\"time\":\"%s\",\"interval\":%.3f,\"%s\":[", world->time,
                             (double)world->interval / 1e6, name);
        else
                (void)printf("{\"%s\":[%s", name, list->n ? "\n" : "");
        for (size_t i = 0; i < list->n; i++) {
                if (i)
                        socketprint_put(between);
                socketprint_json_row(print, world, &list->rows[i]);
        }
        socketprint_put(world->interval || !list->n ? "]}\n" : "\n]}\n");
}

static void socketprint_csv_text(const char *text) {
        char clean[TEXT_ESCAPE_MAX(SOCKETPRINT_TEXT_MAX)];

        if (socketprint_is_plain(text)) {
                socketprint_put(text);
                return;
        }
        text_to_line(text, clean, sizeof(clean));
        (void)putc_unlocked('"', stdout);
        for (const char *at = clean; *at; at++) {
                if (*at == '"')
                        (void)putc_unlocked('"', stdout);
                (void)putc_unlocked(*at, stdout);
        }
        (void)putc_unlocked('"', stdout);
}

static void socketprint_csv_field(const struct socketrow_world *world, const struct socketrow *row,
                                  enum socketrow_column column) {
        struct socketrow_value value;

        if (column == SOCKETROW_SESSION && row->row->flags & AUDIT_LOGIN) {
                socketprint_put("ssh");
                return;
        }
        socketrow_value(world, row, column, &value);
        if (value.kind == SOCKETROW_TEXT)
                socketprint_csv_text(value.text);
        else if (value.kind != SOCKETROW_UNKNOWN)
                socketprint_number(value.number);
}

/**
 * socketprint_csv() - print for spreadsheets
 * @print:      how
 * @world:      besides the rows
 * @list:       the rows
 */
void socketprint_csv(const struct socketprint *print, const struct socketrow_world *world,
                     const struct socketlist *list) {
        for (size_t i = 0; print->headings && i < print->n_columns; i++) {
                socketprint_put(socketrow_columns[print->columns[i]].name);
                (void)putc_unlocked(i + 1 < print->n_columns ? ',' : '\n', stdout);
        }
        for (size_t n = 0; n < list->n; n++)
                for (size_t i = 0; i < print->n_columns; i++) {
                        socketprint_csv_field(world, &list->rows[n], print->columns[i]);
                        (void)putc_unlocked(i + 1 < print->n_columns ? ',' : '\n', stdout);
                }
}

static void socketprint_cells(const struct socketprint *print, const struct socketrow_world *world,
                              const struct table *table, const struct socketrow *row,
                              struct table_cells *ret_cells) {
        for (size_t i = 0; i < print->n_columns; i++)
                socketrow_cell(world, table, row, print->columns[i], print->exact,
                               ret_cells->of[i]);
}

/**
 * socketprint_table() - print for people
 * @print:      how
 * @world:      besides the rows
 * @list:       the rows
 *
 * Return: 0, or a negative errno.
 */
int socketprint_table(const struct socketprint *print, const struct socketrow_world *world,
                      const struct socketlist *list) {
        _cleanup_(table_freep) struct table *table = NULL;
        struct table_column columns[SOCKETROW_COLUMNS];
        struct table_cells cells;
        int r;

        for (size_t i = 0; i < print->n_columns; i++)
                columns[i] = socketrow_columns[print->columns[i]];
        r = table_new(columns, print->n_columns, print->headings, &table);
        for (size_t i = 0; !r && i < list->n; i++) {
                socketprint_cells(print, world, table, &list->rows[i], &cells);
                table_measure(table, &cells);
        }
        for (size_t i = 0; !r && i < list->n; i++) {
                socketprint_cells(print, world, table, &list->rows[i], &cells);
                r = table_add(table, &cells);
        }
        return r ? r : table_end(table);
}
