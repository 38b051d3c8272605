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

#include "base/base.h"
#include "cli/shared/csvtext.h"
#include "cli/shared/jsontext.h"
#include "out.h"

#include <stdio.h>
#include <string.h>

/* Above all names of users, programs and sessions; what is longer is shortened. */
#define SOCKETPRINT_TEXT_MAX 1024

/* Whether a text is what it is in every form. */
static bool socketprint_is_plain(const char *text) {
        for (; *text; text++)
                if (*text < ' ' || *text > '~' || *text == '"' || *text == '\\' || *text == ',')
                        return false;
        return true;
}

/* What stands before a value: the column's name and what belongs around it. */
struct socketprint_key {
        char text[32];
        size_t size;
};

static void socketprint_json_text(struct out *out, const char *text) {
        _cleanup_(freep) char *json = NULL;

        if (socketprint_is_plain(text)) {
                out_bytes(out, "\"", 1);
                out_text(out, text);
                out_bytes(out, "\"", 1);
        } else {
                out_text(out, jsontext_make(text, &json) ? "null" : json);
        }
}

static void socketprint_json_value(struct out *out, const struct socketrow_value *value) {
        switch (value->kind) {
        case SOCKETROW_UNKNOWN:
                out_bytes(out, "null", 4);
                break;
        case SOCKETROW_TEXT:
                socketprint_json_text(out, value->text);
                break;
        case SOCKETROW_NUMBER:
        case SOCKETROW_BYTES:
        case SOCKETROW_SECONDS:
                out_number(out, value->number);
                break;
        }
}

static void socketprint_json_keys(const struct socketprint *print, struct socketprint_key *keys) {
        for (size_t i = 0; i < print->n_columns; i++)
                keys[i].size = (size_t)snprintf(keys[i].text, sizeof(keys[i].text),
                                                "%s\"%s\":", i ? "," : "{",
                                                socketrow_name(print->columns[i]));
}

static void socketprint_json_login(struct out *out, const struct socketrow_world *world,
                                   const struct audit_row *row) {
        const char *user = audit_name(world->audit, row->owner.login_user);

        out_text(out, row->flags & AUDIT_LOGIN ? ",\"login\":true" : ",\"login\":false");
        out_text(out, ",\"login_user\":");
        if (user)
                socketprint_json_text(out, user);
        else
                out_text(out, "null");
}

/* A sum over the logins has no session of its own, and is called as they are. */
static void socketprint_json_row(struct out *out, const struct socketprint *print,
                                 const struct socketprint_key *keys,
                                 const struct socketrow_world *world, const struct socketrow *row) {
        struct socketrow_value value;

        for (size_t i = 0; i < print->n_columns; i++) {
                enum socketrow_column column = print->columns[i];

                out_bytes(out, keys[i].text, keys[i].size);
                socketrow_value(world, row, column, &value);
                socketprint_json_value(out, &value);
                if (column == SOCKETROW_SESSION)
                        socketprint_json_login(out, world, row->row);
        }
        out_bytes(out, "}", 1);
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
        struct socketprint_key keys[SOCKETROW_COLUMNS];
        struct out out;

        out_init(&out);
        socketprint_json_keys(print, keys);
        if (world->interval)
                (void)printf("{\"time\":\"%s\",\"interval\":%.3f,\"%s\":[", world->time,
                             (double)world->interval / 1e6, name);
        else
                (void)printf("{\"%s\":[%s", name, list->n ? "\n" : "");
        for (size_t i = 0; i < list->n; i++) {
                if (i)
                        out_text(&out, between);
                socketprint_json_row(&out, print, keys, world, &list->rows[i]);
        }
        out_text(&out, world->interval || !list->n ? "]}\n" : "\n]}\n");
        out_flush(&out);
}

static __attribute__((noinline)) void socketprint_csv_text(struct out *out, const char *text) {
        char cell[CSVTEXT_MAX(SOCKETPRINT_TEXT_MAX)];

        if (!csvtext_make(text, cell, sizeof(cell)))
                out_text(out, cell);
}

static void socketprint_csv_field(struct out *out, const struct socketrow_world *world,
                                  const struct socketrow *row, enum socketrow_column column) {
        char text[SOCKETROW_LOGIN_MAX];
        struct socketrow_value value;

        if (column == SOCKETROW_SESSION && row->row->flags & AUDIT_LOGIN) {
                socketrow_login(world, row->row, text, sizeof(text));
                if (socketprint_is_plain(text))
                        out_text(out, text);
                else
                        socketprint_csv_text(out, text);
                return;
        }
        socketrow_value(world, row, column, &value);
        if (value.kind == SOCKETROW_TEXT && socketprint_is_plain(value.text) &&
            !csvtext_is_formula(value.text))
                out_text(out, value.text);
        else if (value.kind == SOCKETROW_TEXT)
                socketprint_csv_text(out, value.text);
        else if (value.kind != SOCKETROW_UNKNOWN)
                out_number(out, value.number);
}

/**
 * socketprint_csv() - print for spreadsheets
 * @print:      how
 * @world:      besides the rows
 * @list:       the rows
 */
void socketprint_csv(const struct socketprint *print, const struct socketrow_world *world,
                     const struct socketlist *list) {
        struct out out;

        out_init(&out);
        for (size_t i = 0; !print->noheadings && i < print->n_columns; i++) {
                out_text(&out, socketrow_columns[print->columns[i]].name);
                out_text(&out, i + 1 < print->n_columns ? "," : "\n");
        }
        for (size_t n = 0; n < list->n; n++)
                for (size_t i = 0; i < print->n_columns; i++) {
                        socketprint_csv_field(&out, world, &list->rows[n], print->columns[i]);
                        out_text(&out, i + 1 < print->n_columns ? "," : "\n");
                }
        out_flush(&out);
}

static void socketprint_cells(const struct socketprint *print, const struct socketrow_world *world,
                              const struct socketrow_form *form, const struct table *table,
                              const struct socketrow *row, struct table_cells *ret_cells) {
        for (size_t i = 0; i < print->n_columns; i++)
                socketrow_cell(world, table, row, print->columns[i], form, ret_cells->of[i]);
}

static struct socketrow_form socketprint_form(const struct socketprint *print) {
        struct socketrow_form form = { .exact = print->exact };

        for (size_t i = 0; i < print->n_columns; i++) {
                form.local_port |= print->columns[i] == SOCKETROW_LOCAL_PORT;
                form.remote_port |= print->columns[i] == SOCKETROW_REMOTE_PORT;
        }
        return form;
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
        const struct socketrow_form form = socketprint_form(print);
        struct table_column columns[SOCKETROW_COLUMNS];
        struct table_cells cells;
        int r;

        for (size_t i = 0; i < print->n_columns; i++)
                columns[i] = socketrow_columns[print->columns[i]];
        r = table_new(columns, print->n_columns, !print->noheadings, &table);
        for (size_t i = 0; !r && i < list->n; i++) {
                socketprint_cells(print, world, &form, table, &list->rows[i], &cells);
                table_measure(table, &cells);
        }
        for (size_t i = 0; !r && i < list->n; i++) {
                socketprint_cells(print, world, &form, table, &list->rows[i], &cells);
                r = table_add(table, &cells);
        }
        return r ? r : table_end(table);
}
