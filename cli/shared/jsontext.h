/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A text as a JSON string, of any length.
 */

#ifndef CLI_JSONTEXT_H
#define CLI_JSONTEXT_H

#include <stdio.h>

int jsontext_make(const char *text, char **ret_json);
int jsontext_print(const char *text, FILE *stream);

#endif
