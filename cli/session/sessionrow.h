/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A session as a row of a table for people.
 */

#ifndef CLI_SESSIONROW_H
#define CLI_SESSIONROW_H

#include "cli/shared/table.h"
#include "store/store.h"

#define SESSIONROW_COLUMNS 10

/* So much of a key tells it from others. */
#define SESSIONROW_KEY_MAX 12

extern const struct table_column sessionrow_columns[SESSIONROW_COLUMNS];

/* A record by itself. */
#define SESSIONROW_EVENT_COLUMNS 10

extern const struct table_column sessionrow_event_columns[SESSIONROW_EVENT_COLUMNS];

void sessionrow_number(bool exact, int64_t number, char cell[static TABLE_CELL_MAX]);
const char *sessionrow_key_text(const struct record *record);
void sessionrow_key(const struct table *table, const struct record *record,
                    char cell[static TABLE_CELL_MAX]);
void sessionrow_cells(const struct table *table, const struct record *record, bool exact,
                      struct table_cells *ret_cells);

void sessionrow_event_cells(const struct table *table, const struct record *record, bool exact,
                            struct table_cells *ret_cells);

#endif
