/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sessions as a table for people, however many they are.
 *
 * Owns: the columns. Nothing reaches the terminal but what text_to_line() lets through.
 */

#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "pam_traffic/cleanup.h"
#include "pam_traffic/record.h"

#include <stdbool.h>

struct table;

int table_new(bool headings, bool exact, struct table **ret_table);
struct table *table_free(struct table *table);
CLEANUP_DEFINE(struct table, table_free)

int table_measure(struct table *table, const struct record *record);
int table_add(struct table *table, const struct record *record);
int table_end(struct table *table);

#endif
