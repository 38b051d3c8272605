/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A table for people, however many rows it has.
 *
 * Hostile text reaches the terminal only by table_text(), which escapes it.
 */

#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/base.h"

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS_MAX 24
#define TABLE_CELL_MAX 72

enum table_flag {
        TABLE_RIGHT = 1,
        TABLE_TRUNCATE = 2, /* where the terminal is too narrow */
        /* where it is too narrow, such columns are left out, in this order */
        TABLE_YIELD_FIRST = 4,
        TABLE_YIELD_NEXT = 8,
        TABLE_YIELD_LAST = 16,
};

struct table_column {
        const char *name;
        int flags; /* enum table_flag */
};

struct table_cells {
        char of[TABLE_COLUMNS_MAX][TABLE_CELL_MAX]; /* "": not known */
};

struct table;

int table_new(const struct table_column *columns, size_t n, bool headings,
              struct table **ret_table);
struct table *table_free(struct table *table);
CLEANUP_DEFINE(struct table, table_free)

void table_text(const struct table *table, const char *text, char ret_cell[static TABLE_CELL_MAX]);
void table_measure(struct table *table, const struct table_cells *cells);
void table_stream(struct table *table, const struct table_cells *widths);
int table_add(struct table *table, const struct table_cells *cells);
int table_end(struct table *table);

#endif
