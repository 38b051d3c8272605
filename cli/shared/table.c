/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A table for people.
 *
 * Owns: that it is printed in parts, so that a table of any length needs the memory of one part.
 * Every part has the column widths of the whole table, which were measured before; and which
 * columns give way where the terminal is too narrow for all.
 * Relies on: libsmartcols. That library does not escape characters that change the direction of
 * text. So all text is escaped here, and the library's own escape (of control characters) is
 * switched off, because it would escape the text again.
 */

#include "table.h"

#include "base/base.h"

#include <errno.h>
#include <langinfo.h>
#include <libsmartcols/libsmartcols.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TABLE_PART 1000
#define TABLE_TEXT_MAX 64

struct table {
        const struct table_column *columns;
        size_t n_columns;
        struct libscols_table *part; /* NULL: nothing is waiting to be printed */
        size_t n;                    /* rows in the part */
        bool headings;               /* are still to be printed */
        bool utf8;
        size_t measured; /* rows */
        size_t width[TABLE_COLUMNS_MAX];
        bool narrow; /* it was asked which columns have room */
        bool left_out[TABLE_COLUMNS_MAX];
};

/**
 * table_new() - begin without a row
 * @columns:    its columns, which must stay
 * @n:          how many, at most TABLE_COLUMNS_MAX
 * @headings:   whether the columns' names are wanted
 * @ret_table:  the table, to be printed on standard output
 *
 * Return: 0 or -ENOMEM.
 */
int table_new(const struct table_column *columns, size_t n, bool headings,
              struct table **ret_table) {
        struct table *table = calloc(1, sizeof(*table));

        if (!table)
                return -ENOMEM;
        table->columns = columns;
        table->n_columns = n;
        table->headings = headings;
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

/**
 * table_text() - make a cell of a text
 * @table:      the table
 * @text:       the text, which may say anything, and much of it; NULL: not known
 * @ret_cell:   the same, fit for a terminal; shortened to what "..." ends
 */
void table_text(const struct table *table, const char *text, char ret_cell[static TABLE_CELL_MAX]) {
        void (*escape)(const char *, char *, size_t) = table->utf8 ? text_to_line : text_to_ascii;

        /* the room is larger than what is wanted by more than one escape */
        escape(text ? text : "", ret_cell, TABLE_CELL_MAX);
        if (strlen(ret_cell) > TABLE_TEXT_MAX) {
                escape(text, ret_cell, TABLE_TEXT_MAX - strlen("...") + 1);
                (void)memcpy(ret_cell + strlen(ret_cell), "...", sizeof("..."));
        }
}

/**
 * table_measure() - make room for a row that may come
 * @table:      the table
 * @cells:      the row
 */
void table_measure(struct table *table, const struct table_cells *cells) {
        for (size_t i = 0; i < table->n_columns; i++) {
                size_t width = strlen(cells->of[i]);

                /* no character is wider than its bytes are many */
                if (width > table->width[i])
                        table->width[i] = width;
        }
        table->measured++;
}

/**
 * table_stream() - make room for rows that are not known yet, and are printed each by itself
 * @table:      the table
 * @widths:     a row that is about as wide as they will be
 */
void table_stream(struct table *table, const struct table_cells *widths) {
        table_measure(table, widths);
        /* as if there were more than a part */
        table->measured = TABLE_PART + 1;
}

static size_t table_column_width(const struct table *table, size_t i) {
        size_t least = strlen(table->columns[i].name);

        return table->width[i] > least ? table->width[i] : least;
}

/* How many columns the terminal has; 0: it is none, or any number will do. */
static size_t table_room(void) {
        struct winsize size = { 0 };

        if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
                return 0;
        return size.ws_col;
}

/* Leave out columns, one kind after the other, until the rest has room. */
static void table_fit(struct table *table) {
        size_t room = table_room(), wanted = 0;

        table->narrow = true;
        for (size_t i = 0; i < table->n_columns; i++)
                wanted += table_column_width(table, i) + 1;
        for (int kind = TABLE_YIELD_FIRST; room && wanted > room + 1 && kind <= TABLE_YIELD_LAST;
             kind *= 2)
                for (size_t i = 0; i < table->n_columns; i++)
                        if (table->columns[i].flags & kind) {
                                table->left_out[i] = true;
                                wanted -= table_column_width(table, i) + 1;
                        }
        /* what has room beside those that were left out for nothing comes back, the last kind first
         */
        for (int kind = TABLE_YIELD_LAST; room && kind >= TABLE_YIELD_FIRST; kind /= 2)
                for (size_t i = 0; i < table->n_columns; i++)
                        if (table->left_out[i] && table->columns[i].flags & kind &&
                            wanted + table_column_width(table, i) + 1 <= room + 1) {
                                table->left_out[i] = false;
                                wanted += table_column_width(table, i) + 1;
                        }
}

/* Begin a part. */
static int table_begin(struct table *table) {
        table->part = scols_new_table();
        if (!table->part)
                return -ENOMEM;
        if (!table->narrow)
                table_fit(table);
        (void)scols_table_enable_noheadings(table->part, !table->headings);
        (void)scols_table_enable_noencoding(table->part, 1);
        for (size_t i = 0; i < table->n_columns; i++) {
                const struct table_column *column = &table->columns[i];
                size_t width = table_column_width(table, i);
                int flags = (column->flags & TABLE_RIGHT ? SCOLS_FL_RIGHT : 0) |
                            (column->flags & TABLE_TRUNCATE ? SCOLS_FL_TRUNC : 0);

                if (table->left_out[i])
                        continue;
                /* of a single part, libsmartcols sees the widths itself, and better */
                if (!scols_table_new_column(table->part, column->name,
                                            table->measured > TABLE_PART ? (double)width : 0,
                                            flags))
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
 * @cells:      the row; it was measured before
 *
 * Return: 0, or a negative errno.
 */
int table_add(struct table *table, const struct table_cells *cells) {
        struct libscols_line *line;
        size_t place = 0;
        int r;

        if (!table->part) {
                r = table_begin(table);
                if (r < 0)
                        return r;
        }
        line = scols_table_new_line(table->part, NULL);
        if (!line)
                return -ENOMEM;
        for (size_t i = 0; i < table->n_columns; i++) {
                if (table->left_out[i])
                        continue;
                r = *cells->of[i] ? scols_line_set_data(line, place, cells->of[i]) : 0;
                if (r < 0)
                        return r;
                place++;
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
