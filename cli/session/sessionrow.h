/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A session as a row of a table for people.
 */

#ifndef CLI_SESSIONROW_H
#define CLI_SESSIONROW_H

#include "cli/shared/table.h"
#include "store/store.h"

/* So much of a key tells it from others, and so much of the end of a session's id. */
#define SESSIONROW_KEY_MAX 12
#define SESSIONROW_ID 8

enum sessionrow_column {
        SESSIONROW_START,
        SESSIONROW_END, /* of a record by itself: which event it is */
        SESSIONROW_USER,
        SESSIONROW_KEY,
        SESSIONROW_FROM,
        SESSIONROW_KIND,
        SESSIONROW_IN,
        SESSIONROW_OUT,
        SESSIONROW_TIME,
        SESSIONROW_CAUSE,
        SESSIONROW_SESSION,
        SESSIONROW_COLUMNS, /* how many */
};

extern const struct table_column sessionrow_columns[SESSIONROW_COLUMNS];
extern const struct table_column sessionrow_event_columns[SESSIONROW_COLUMNS];

void sessionrow_number(bool exact, int64_t number, char cell[static TABLE_CELL_MAX]);
void sessionrow_bytes(bool exact, const struct record *record, int64_t number,
                      char cell[static TABLE_CELL_MAX]);
int64_t sessionrow_processes(const struct record *record);
void sessionrow_session(const struct record *record, char cell[static TABLE_CELL_MAX]);
uint64_t sessionrow_ended(const struct record *record);
const char *sessionrow_key_text(const struct record *record);
void sessionrow_key(const struct table *table, const struct record *record,
                    char cell[static TABLE_CELL_MAX]);
void sessionrow_cells(const struct table *table, const struct record *record, bool exact,
                      struct table_cells *ret_cells);

void sessionrow_event_cells(const struct table *table, const struct record *record, bool exact,
                            struct table_cells *ret_cells);

#endif
