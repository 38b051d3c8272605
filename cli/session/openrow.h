/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * An open session as a row of a table for people.
 */

#ifndef CLI_OPENROW_H
#define CLI_OPENROW_H

#include "cli/shared/table.h"
#include "opens.h"

enum openrow_column {
        OPENROW_USER,
        OPENROW_KEY,
        OPENROW_FROM,
        OPENROW_KIND,
        OPENROW_SINCE,
        OPENROW_IN,
        OPENROW_OUT,
        OPENROW_RATE,
        OPENROW_SESSION,
        OPENROW_PROCESSES, /* the last one: it is left out where the kernel does not count */
        OPENROW_COLUMNS,   /* how many */
};

extern const struct table_column openrow_columns[OPENROW_COLUMNS];

size_t openrow_count(const struct opens *opens);
void openrow_cells(const struct table *table, const struct opens_session *session, bool exact,
                   struct table_cells *ret_cells);

#endif
