/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Text: copies of it, and hostile text made fit to be stored and shown.
 *
 * Relies on: RFC 3629 for what is UTF-8 (no surrogates, no overlong forms, nothing above 10FFFF).
 */

#include "pam_traffic/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/**
 * text_copy() - copy a text that may be missing
 * @destination:        the copy, which the caller frees; untouched if there is none
 * @text:               the text, or NULL
 *
 * Return: 0 or -ENOMEM.
 */
int text_copy(char **destination, const char *text) {
        char *copy;

        if (!text)
                return 0;
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        *destination = copy;
        return 0;
}

/* The length of the UTF-8 sequence that p begins with; 0 where it is none. */
static size_t text_utf8_length(const uint8_t *p) {
        uint8_t low = 0x80, high = 0xbf;
        size_t n;

        if (p[0] < 0x80)
                return 1;
        if (p[0] < 0xc2 || p[0] > 0xf4)
                return 0;

        n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
        if (p[0] == 0xe0)
                low = 0xa0;
        else if (p[0] == 0xed)
                high = 0x9f;
        else if (p[0] == 0xf0)
                low = 0x90;
        else if (p[0] == 0xf4)
                high = 0x8f;

        if (p[1] < low || p[1] > high)
                return 0;
        for (size_t i = 2; i < n; i++)
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
        return n;
}

static void text_escape(const char *text, bool line, char *ret_text, size_t room) {
        static const char hex[] = "0123456789abcdef";
        const uint8_t *p = (const uint8_t *)text;
        size_t used = 0;

        while (*p) {
                size_t n = text_utf8_length(p);

                /* C1 controls (U+0080 to U+009F), which some terminals obey */
                if (n == 2 && *p == 0xc2 && p[1] < 0xa0)
                        n = 0;
                /* C0 controls and DEL; JSON has its own escape for them */
                if (line && n == 1 && (*p < 0x20 || *p == 0x7f || *p == '\\'))
                        n = 0;

                if (used + (n ? n : 4) + 1 > room)
                        break;
                if (n) {
                        memcpy(ret_text + used, p, n);
                        used += n;
                        p += n;
                } else {
                        ret_text[used++] = '\\';
                        ret_text[used++] = 'x';
                        ret_text[used++] = hex[*p >> 4];
                        ret_text[used++] = hex[*p & 0xf];
                        p++;
                }
        }
        ret_text[used] = '\0';
}

/**
 * text_to_utf8() - make a text valid UTF-8, for JSON
 * @text:       hostile text
 * @ret_text:   the same, each byte that is not UTF-8 and each C1 control as \xNN; shortened where
 *              @room ends
 * @room:       bytes at @ret_text, at least 1; TEXT_ESCAPE_MAX(strlen(text)) holds everything
 */
void text_to_utf8(const char *text, char *ret_text, size_t room) {
        text_escape(text, false, ret_text, room);
}

/**
 * text_to_line() - make a text fit for one line of a log or a terminal
 * @text:       hostile text
 * @ret_text:   the same, each control character and each byte that is not UTF-8 as \xNN, and each
 *              backslash as \x5c, so that the escape itself cannot be forged
 * @room:       bytes at @ret_text, at least 1; TEXT_ESCAPE_MAX(strlen(text)) holds everything
 */
void text_to_line(const char *text, char *ret_text, size_t room) {
        text_escape(text, true, ret_text, room);
}
