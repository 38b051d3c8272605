/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * JSON on standard output: texts of any length, and whole lines. ASCII only: nothing of it can hide
 * on a terminal.
 */

#ifndef CLI_JSONTEXT_H
#define CLI_JSONTEXT_H

#include <stdio.h>

int jsontext_make(const char *text, char **ret_json);
int jsontext_print(const char *text, FILE *stream);
int jsontext_print_line(const char *json);

#endif
