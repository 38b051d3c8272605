/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Text: copies of it, and hostile text made fit to be stored and shown.
 *
 * Owns: the escapes. They write a byte that may not stand as \xNN, so that nothing is lost; that of
 * JSON writes \uNNNN, which means the same to whoever reads it.
 */

#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* What an escape of size bytes needs at the most, with its final NUL. */
#define TEXT_ESCAPE_MAX(size) ((size)*4 + 1)
#define TEXT_JSON_MAX(size) ((size)*6 + 1)

int text_copy(char **destination, const char *text);
void text_to_utf8(const char *text, char *ret_text, size_t room);
void text_to_line(const char *text, char *ret_text, size_t room);
void text_to_ascii(const char *text, char *ret_text, size_t room);

bool text_is_utf8(const char *text);
void text_json_to_ascii(const char *json, char *ret_text, size_t room);

#endif
