/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The tables of the index, and which release made them.
 */

#ifndef INDEX_SCHEMA_H
#define INDEX_SCHEMA_H

#include "index/db.h"

#include <stdbool.h>

/* Counted up with every change of a table, or of what its numbers mean. */
#define SCHEMA_VERSION 5

/* Sessions without a stop record; 18: SUMMARY_STOP and SUMMARY_PORT. */
#define SCHEMA_OPEN "flags & 18 = 0"

enum schema_state {
        SCHEMA_OURS,
        SCHEMA_EMPTY,
        SCHEMA_OTHER, /* another release's, or another log's: to be made anew */
        SCHEMA_FOREIGN,
};

int schema_look(sqlite3 *handle, const char *log, enum schema_state *ret_state);
int schema_make(sqlite3 *handle, const char *log);

#endif
