/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A report on standard output: a table for people, JSON and CSV for programs.
 */

#ifndef CLI_REPORTPRINT_H
#define CLI_REPORTPRINT_H

#include "reportdata.h"

#include <stdbool.h>

struct reportprint {
        bool bytes; /* exact numbers */
        bool noheadings;
        bool bars; /* on a terminal */
};

int reporttable_print(const struct reportprint *print, const struct report_data *data);
int reportscript_json(const struct report_data *data);
int reportscript_csv(const struct reportprint *print, const struct report_data *data);

const char *reportscript_layer(enum index_layer layer);

#endif
