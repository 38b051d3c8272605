/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sessions as a table for people.
 *
 * Owns: the columns; and that the table is printed in parts, so that a log of any length needs the
 * memory of one part. Every part has the columns' widths of the whole, which were measured before.
 * Relies on: libsmartcols, which does not know of characters that turn text around: all text is
 * escaped here, and its own escape (of control characters) is switched off, as it would do it
 * again.
 */

#include "table.h"

#include "human.h"
#include "pam_traffic/text.h"
#include "sessions.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <string.h>

#define TABLE_PART 1000
#define TABLE_TEXT_MAX 64
#define TABLE_KEY_MAX 12

enum table_column {
        TABLE_START,
        TABLE_USER,
        TABLE_KEY,
        TABLE_FROM,
        TABLE_IN,
        TABLE_OUT,
        TABLE_DURATION,
        TABLE_CAUSE,
        TABLE_COMPLETE,
        TABLE_SESSION,
        TABLE_COLUMNS,
};

static const struct {
        const char *name;
        int flags;
} table_columns[TABLE_COLUMNS] = {
        [TABLE_START] = { "START", 0 },
        [TABLE_USER] = { "USER", 0 },
        [TABLE_KEY] = { "KEY", 0 },
        [TABLE_FROM] = { "FROM", 0 },
        [TABLE_IN] = { "IN", SCOLS_FL_RIGHT },
        [TABLE_OUT] = { "OUT", SCOLS_FL_RIGHT },
        [TABLE_DURATION] = { "DURATION", SCOLS_FL_RIGHT },
        [TABLE_CAUSE] = { "CAUSE", 0 },
        [TABLE_COMPLETE] = { "COMPLETE", 0 },
        [TABLE_SESSION] = { "SESSION", SCOLS_FL_TRUNC },
};

struct table {
        struct libscols_table *part; /* NULL: nothing is waiting to be printed */
        size_t n;                    /* rows in the part */
        bool headings;               /* are still to be printed */
        bool exact;
        bool utf8;
        size_t measured; /* records */
        size_t width[TABLE_COLUMNS];
};

/**
 * table_new() - begin without a row
 * @headings:   whether the columns' names are wanted
 * @exact:      numbers of bytes as they are
 * @ret_table:  the table, to be printed on standard output
 *
 * Return: 0 or -ENOMEM.
 */
int table_new(bool headings, bool exact, struct table **ret_table) {
        struct table *table = calloc(1, sizeof(*table));

        if (!table)
                return -ENOMEM;
        table->headings = headings;
        table->exact = exact;
        table->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
        *ret_table = table;
        return 0;
}

/**
 * table_free() - end what table_new() began
 * @table:      the table, or NULL; rows that were not printed are lost
 *
 * Return: NULL.
 */
struct table *table_free(struct table *table) {
        if (table)
                scols_unref_table(table->part);
        free(table);
        return NULL;
}

static char *table_number(const struct table *table, int64_t number) {
        char text[HUMAN_TEXT_MAX];

        if (number == RECORD_UNKNOWN)
                return strdup("");
        if (table->exact)
                (void)snprintf(text, sizeof(text), "%" PRId64, number);
        else
                human_bytes((uint64_t)number, text);
        return strdup(text);
}

static char *table_span(int64_t microseconds) {
        char text[HUMAN_TEXT_MAX] = "";

        if (microseconds != RECORD_UNKNOWN)
                human_duration((uint64_t)microseconds, text);
        return strdup(text);
}

static char *table_moment(uint64_t realtime) {
        char text[HUMAN_TEXT_MAX];

        human_time(realtime, text);
        return strdup(text);
}

static void table_escape(const struct table *table, const char *text, char *clean, size_t room) {
        if (table->utf8)
                text_to_line(text, clean, room);
        else
                text_to_ascii(text, clean, room);
}

/* Text from the log, which may say anything, and much of it. */
static char *table_text(const struct table *table, const char *text) {
        size_t room = TEXT_ESCAPE_MAX(text ? strlen(text) : 0);
        char *clean = malloc(room);

        if (!clean)
                return NULL;
        table_escape(table, text ? text : "", clean, room);
        if (strlen(clean) > TABLE_TEXT_MAX) {
                table_escape(table, text, clean, TABLE_TEXT_MAX - strlen("...") + 1);
                (void)memcpy(clean + strlen(clean), "...", sizeof("..."));
        }
        return clean;
}

/* As ssh-keygen -l has it, but without the name of the hash; its begin will do. */
static char *table_key(const struct table *table, const struct record *record) {
        static const char hash[] = "SHA256:";
        char begin[TABLE_KEY_MAX + 1];

        if (!record->auth_key)
                return table_text(table, record->auth_method);
        if (strncmp(record->auth_key, hash, strlen(hash)) != 0)
                return table_text(table, record->auth_key);
        (void)snprintf(begin, sizeof(begin), "%s", record->auth_key + strlen(hash));
        return table_text(table, begin);
}

/* A cell, which the caller frees; "" is unknown, NULL is no memory. */
static char *table_cell(const struct table *table, enum table_column column,
                        const struct record *record) {
        bool stopped = !strcmp(record->event, "stop"), started = !strcmp(record->event, "start");

        switch (column) {
        case TABLE_START:
                return table_moment(sessions_began(record));
        case TABLE_USER:
                return table_text(table, record->user);
        case TABLE_KEY:
                return table_key(table, record);
        case TABLE_FROM:
                return table_text(table, record->remote_addr);
        case TABLE_IN:
                return table_number(table, record->in_bytes);
        case TABLE_OUT:
                return table_number(table, record->out_bytes);
        case TABLE_DURATION:
                return table_span(record->duration);
        case TABLE_CAUSE:
                return table_text(table, stopped ? record->terminate_cause : "(open)");
        case TABLE_COMPLETE: /* a start record does not know yet */
                return strdup(started ? "" : record->complete ? "yes" : "no");
        case TABLE_SESSION:
                return table_text(table, record->session);
        case TABLE_COLUMNS:
                break;
        }
        return NULL;
}

/**
 * table_measure() - make room for a row that may come
 * @table:      the table
 * @record:     the row's record
 *
 * Return: 0 or -ENOMEM.
 */
int table_measure(struct table *table, const struct record *record) {
        for (enum table_column i = 0; i < TABLE_COLUMNS; i++) {
                _cleanup_(freep) char *cell = table_cell(table, i, record);

                if (!cell)
                        return -ENOMEM;
                /* no character is wider than its bytes are many */
                if (strlen(cell) > table->width[i])
                        table->width[i] = strlen(cell);
        }
        table->measured++;
        return 0;
}

/* Begin a part. */
static int table_begin(struct table *table) {
        table->part = scols_new_table();
        if (!table->part)
                return -ENOMEM;
        (void)scols_table_enable_noheadings(table->part, !table->headings);
        (void)scols_table_enable_noencoding(table->part, 1);
        for (enum table_column i = 0; i < TABLE_COLUMNS; i++) {
                size_t width = strlen(table_columns[i].name);

                if (table->width[i] > width)
                        width = table->width[i];
                /* of a single part, libsmartcols sees the widths itself, and better */
                if (!scols_table_new_column(table->part, table_columns[i].name,
                                            table->measured > TABLE_PART ? (double)width : 0,
                                            table_columns[i].flags))
                        return -ENOMEM;
        }
        return 0;
}

/* Print a part. */
static int table_print(struct table *table) {
        int r;

        if (!table->part)
                return 0;
        r = scols_print_table(table->part);
        scols_unref_table(table->part);
        table->part = NULL;
        table->n = 0;
        table->headings = false;
        return r < 0 ? r : 0;
}

/**
 * table_add() - add a row
 * @table:      the table
 * @record:     the row's record; it was measured before
 *
 * Return: 0, or a negative errno.
 */
int table_add(struct table *table, const struct record *record) {
        struct libscols_line *line;
        int r;

        if (!table->part) {
                r = table_begin(table);
                if (r < 0)
                        return r;
        }
        line = scols_table_new_line(table->part, NULL);
        if (!line)
                return -ENOMEM;
        for (enum table_column i = 0; i < TABLE_COLUMNS; i++) {
                _cleanup_(freep) char *cell = table_cell(table, i, record);

                if (!cell)
                        return -ENOMEM;
                r = *cell ? scols_line_refer_data(line, i, cell) : 0;
                if (r < 0)
                        return r;
                if (*cell)
                        cell = NULL; /* the line's now */
        }
        return ++table->n == TABLE_PART ? table_print(table) : 0;
}

/**
 * table_end() - print what was not printed yet
 * @table:      the table
 *
 * Return: 0, or a negative errno.
 */
int table_end(struct table *table) {
        return table_print(table);
}
