/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Text: copies of it, and hostile text made safe to store and show.
 *
 * Owns: the escapes. A byte that is not allowed is written as \xNN, so nothing is lost; the escape
 * of JSON is \uNNNN, which every reader of JSON understands.
 */

#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* What an escape of size bytes needs at the most, with its final NUL. */
#define TEXT_ESCAPE_MAX(size) ((size)*4 + 1)
#define TEXT_JSON_MAX(size) ((size)*6 + 1)

int text_copy(char **destination, const char *text);
int text_replace(char **destination, const char *text);
void text_to_utf8(const char *text, char *ret_text, size_t room);
void text_to_line(const char *text, char *ret_text, size_t room);
void text_to_ascii(const char *text, char *ret_text, size_t room);

bool text_is_utf8(const char *text);
void text_json_to_ascii(const char *json, char *ret_text, size_t room);

#endif
