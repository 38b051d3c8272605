/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The small pieces of which a report's page is made: text, bytes, a share.
 */

#ifndef CLI_REPORTHTML_H
#define CLI_REPORTHTML_H

#include "reportdata.h"

#include <stdio.h>

/* A length along an axis, in thousandths of a percent of it. */
#define REPORTHTML_WHOLE UINT64_C(100000)

#define REPORTHTML_UNKNOWN UINT64_MAX

void reporthtml_text(FILE *stream, const char *text);
void reporthtml_key(FILE *stream, const char *text);
void reporthtml_bytes(FILE *stream, uint64_t bytes);
void reporthtml_percent(FILE *stream, const char *attribute, uint64_t thousandths);
void reporthtml_words(FILE *stream, const struct report_data *data, const struct report_row *row);
const char *reporthtml_prefix(const struct report_data *data);
uint64_t reporthtml_in(const struct report_row *row);
uint64_t reporthtml_out(const struct report_row *row);
uint64_t reporthtml_total(const struct report_row *row);
uint64_t reporthtml_doubtful(const struct report_row *row);
uint64_t reporthtml_part(uint64_t part, uint64_t whole);

void reportnotes_write(FILE *stream, const struct report_data *data, uint64_t bad_lines);
void reportchart_days(FILE *stream, const struct report_data *data);
void reportchart_bars(FILE *stream, const struct report_data *data);

#endif
