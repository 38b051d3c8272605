/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Text as a cell of CSV (RFC 4180).
 */

#ifndef CLI_CSVTEXT_H
#define CLI_CSVTEXT_H

#include <stdbool.h>
#include <stddef.h>

/* What a cell of a text of size bytes needs at the most, with its final NUL. */
#define CSVTEXT_MAX(size) ((size)*8 + 4)

bool csvtext_is_formula(const char *text);
int csvtext_make(const char *text, char *ret_cell, size_t room);
int csvtext_print(const char *text);

#endif
