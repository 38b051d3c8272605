/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All that is known of one session, for people.
 */

#ifndef CLI_SHOWPRINT_H
#define CLI_SHOWPRINT_H

#include "cli/shared/table.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct showprint {
        const struct record *last;   /* the record that says most */
        size_t records;              /* how many are in the log */
        int64_t expected;            /* how many should be */
        int64_t after_in, after_out; /* its programs, after it; RECORD_UNKNOWN: nothing, or it is
                                      * not known */
        bool exact;
};

#define SHOWPRINT_COLUMNS 6

extern const struct table_column showprint_columns[SHOWPRINT_COLUMNS];

void showprint_head(const struct showprint *print);
int showprint_totals(const struct showprint *print);
void showprint_cells(const struct table *table, const struct record *record, bool exact,
                     struct table_cells *ret_cells);

#endif
