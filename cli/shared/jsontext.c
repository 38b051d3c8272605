/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * JSON on standard output: a text as a string (RFC 8259 section 7), and lines of the log and of
 * users' figures as they stand there, with keys of other releases. ASCII only.
 */

#include "jsontext.h"

#include "base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * jsontext_make() - put a text into the form of a JSON string
 * @text:       the text, hostile
 * @ret_json:   the string with its quotes; free it with free()
 *
 * Return: 0 or -ENOMEM.
 */
int jsontext_make(const char *text, char **ret_json) {
        size_t room = TEXT_ESCAPE_MAX(strlen(text)), quoted_room = TEXT_JSON_MAX(room) + 2;
        _cleanup_(freep) char *clean = NULL, *quoted = NULL, *ascii = NULL;
        size_t used = 0;

        clean = malloc(room);
        quoted = malloc(quoted_room);
        ascii = malloc(TEXT_JSON_MAX(quoted_room));
        if (!clean || !quoted || !ascii)
                return -ENOMEM;
        text_to_utf8(text, clean, room);
        quoted[used++] = '"';
        for (const char *at = clean; *at; at++)
                if (*at == '"' || *at == '\\') {
                        quoted[used++] = '\\';
                        quoted[used++] = *at;
                } else if ((unsigned char)*at < ' ') {
                        used += (size_t)snprintf(quoted + used, 7, "\\u%04x", *at);
                } else {
                        quoted[used++] = *at;
                }
        quoted[used++] = '"';
        quoted[used] = '\0';
        text_json_to_ascii(quoted, ascii, TEXT_JSON_MAX(quoted_room));
        *ret_json = ascii;
        ascii = NULL;
        return 0;
}

/**
 * jsontext_print() - print a text as a JSON string
 * @text:       the text, hostile; NULL: not known
 * @stream:     where
 *
 * Return: 0 or -ENOMEM.
 */
int jsontext_print(const char *text, FILE *stream) {
        _cleanup_(freep) char *json = NULL;
        int r = text ? jsontext_make(text, &json) : 0;

        if (!r)
                (void)fputs(json ? json : "null", stream);
        return r;
}

/**
 * jsontext_print_line() - print one JSON object as a line of standard output
 * @json:       the object; a newline at its end does not matter
 *
 * Return: 0 or -ENOMEM.
 */
int jsontext_print_line(const char *json) {
        size_t size = strcspn(json, "\n"), room = TEXT_JSON_MAX(size);
        _cleanup_(freep) char *line = strndup(json, size), *ascii = malloc(room);

        if (!line || !ascii)
                return -ENOMEM;
        text_json_to_ascii(line, ascii, room);
        (void)puts(ascii);
        return 0;
}
