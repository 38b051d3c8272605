/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A text as a JSON string: ASCII only, RFC 8259 section 7.
 */

#include "jsontext.h"

#include "pam_traffic/cleanup.h"
#include "pam_traffic/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * jsontext_print() - print a text as a JSON string
 * @text:       the text, hostile; NULL: not known
 * @stream:     where
 *
 * Return: 0 or -ENOMEM.
 */
int jsontext_print(const char *text, FILE *stream) {
        size_t room = TEXT_ESCAPE_MAX(text ? strlen(text) : 0);
        _cleanup_(freep) char *clean = NULL, *quoted = NULL, *ascii = NULL;
        size_t used = 0;

        if (!text) {
                (void)fputs("null", stream);
                return 0;
        }
        clean = malloc(room);
        quoted = malloc(TEXT_JSON_MAX(room));
        ascii = malloc(TEXT_JSON_MAX(TEXT_JSON_MAX(room)));
        if (!clean || !quoted || !ascii)
                return -ENOMEM;
        text_to_utf8(text, clean, room);
        for (const char *at = clean; *at; at++)
                if (*at == '"' || *at == '\\') {
                        quoted[used++] = '\\';
                        quoted[used++] = *at;
                } else if ((unsigned char)*at < ' ') {
                        used += (size_t)snprintf(quoted + used, 7, "\\u%04x", *at);
                } else {
                        quoted[used++] = *at;
                }
        quoted[used] = '\0';
        text_json_to_ascii(quoted, ascii, TEXT_JSON_MAX(TEXT_JSON_MAX(room)));
        (void)fprintf(stream, "\"%s\"", ascii);
        return 0;
}
