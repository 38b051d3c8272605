/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Text as a cell of CSV (RFC 4180).
 *
 * Owns: that no program executes a hostile text. Control characters of a terminal are escaped as in
 * tables. If a cell begins with = + - or @, spreadsheets take it for a formula (OWASP, "CSV
 * Injection"); with a ' before it they take it for text.
 */

#include "csvtext.h"

#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * csvtext_is_formula() - tell whether a spreadsheet takes a text for a formula
 * @text:       the text
 *
 * Return: true if so.
 */
bool csvtext_is_formula(const char *text) {
        return *text && strchr("=+-@", *text);
}

/**
 * csvtext_make() - make a cell
 * @text:       hostile text
 * @ret_cell:   the cell, in quotes where it needs them
 * @room:       bytes at @ret_cell; CSVTEXT_MAX(strlen(text)) holds everything
 *
 * Return: 0, -ENOMEM, or -ENOBUFS if there is no room.
 */
int csvtext_make(const char *text, char *ret_cell, size_t room) {
        size_t size = TEXT_ESCAPE_MAX(strlen(text)) + 1, used = 0;
        _cleanup_(freep) char *clean = malloc(size);
        bool quoted;

        if (!clean)
                return -ENOMEM;
        clean[0] = '\'';
        text_to_line(text, clean + 1, size - 1);
        quoted = strpbrk(clean, "\",") != NULL;
        if (room < 3)
                return -ENOBUFS;
        if (quoted)
                ret_cell[used++] = '"';
        for (const char *at = csvtext_is_formula(clean + 1) ? clean : clean + 1; *at; at++) {
                if (used + 4 > room)
                        return -ENOBUFS;
                if (*at == '"')
                        ret_cell[used++] = '"';
                ret_cell[used++] = *at;
        }
        if (quoted)
                ret_cell[used++] = '"';
        ret_cell[used] = '\0';
        return 0;
}

/**
 * csvtext_print() - print a cell
 * @text:       a text, or NULL: an empty cell
 *
 * Return: 0 or -ENOMEM.
 */
int csvtext_print(const char *text) {
        size_t room = CSVTEXT_MAX(text ? strlen(text) : 0);
        _cleanup_(freep) char *cell = malloc(room);
        int r = cell ? csvtext_make(text ? text : "", cell, room) : -ENOMEM;

        if (!r)
                (void)fputs(cell, stdout);
        return r;
}
