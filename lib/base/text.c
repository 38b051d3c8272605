/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Text: copies of it, and hostile text made safe to store and show.
 *
 * Relies on: RFC 3629 for what is UTF-8 (no surrogates, no overlong forms, nothing above 10FFFF).
 */

#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

/**
 * text_replace() - copy a text to where one may be
 * @destination: the text, NULL or what malloc() gave; freed, if there is a new one
 * @text:       the new text, or NULL: the old one stays
 *
 * Return: 0 or -ENOMEM.
 */
int text_replace(char **destination, const char *text) {
        char *old = *destination;
        int r = text_copy(destination, text);

        if (*destination != old)
                free(old);
        return r;
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

/* The character that a sequence of n bytes, valid, stands for. */
static uint32_t text_character(const uint8_t *p, size_t n) {
        uint32_t c = n == 1 ? p[0] : p[0] & (0x7fU >> n);

        for (size_t i = 1; i < n; i++)
                c = c << 6 | (p[i] & 0x3f);
        return c;
}

/* Characters that are not seen, or that turn around or break what stands beside them (Unicode's
 * categories Cf, Zl and Zp, as far as they can mislead): a name must not pass for another one. */
static bool text_is_format(uint32_t c) {
        static const struct {
                uint32_t first, last;
        } formats[] = {
                { 0xad, 0xad },     { 0x61c, 0x61c },   { 0x180e, 0x180e },
                { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
                { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
        };

        for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
                if (c >= formats[i].first && c <= formats[i].last)
                        return true;
        return false;
}

enum text_fit {
        TEXT_FIT_JSON,  /* UTF-8 without C1 controls, which some terminals obey */
        TEXT_FIT_LINE,  /* ... and one line of it, for a terminal that shows UTF-8 */
        TEXT_FIT_ASCII, /* ... and for one that does not */
};

/* Whether a character may stand as it is. */
static bool text_fits(uint32_t c, enum text_fit fit) {
        if (c >= 0x80 && c < 0xa0)
                return false;
        if (fit == TEXT_FIT_JSON) /* JSON has its own escape for C0 controls */
                return true;
        if (c < 0x20 || c == 0x7f || c == '\\')
                return false;
        return fit == TEXT_FIT_LINE ? !text_is_format(c) : c < 0x80;
}

static void text_escape(const char *text, enum text_fit fit, char *ret_text, size_t room) {
        static const char hex[] = "0123456789abcdef";
        const uint8_t *p = (const uint8_t *)text;
        size_t used = 0;

        while (*p) {
                size_t n = text_utf8_length(p);

                if (n && !text_fits(text_character(p, n), fit))
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
        text_escape(text, TEXT_FIT_JSON, ret_text, room);
}

/**
 * text_to_line() - make a text fit for one line of a log or a terminal
 * @text:       hostile text
 * @ret_text:   the same, each control character, each character that hides or turns text around,
 * and each byte that is not UTF-8 as \xNN, and each backslash as \x5c, so that the escape itself
 * cannot be forged
 * @room:       bytes at @ret_text, at least 1; TEXT_ESCAPE_MAX(strlen(text)) holds everything
 */
void text_to_line(const char *text, char *ret_text, size_t room) {
        text_escape(text, TEXT_FIT_LINE, ret_text, room);
}

/**
 * text_to_ascii() - make a text fit for one line of a terminal that shows ASCII only
 * @text:       hostile text
 * @ret_text:   as of text_to_line(), each byte outside of ASCII as \xNN, too
 * @room:       bytes at @ret_text, at least 1; TEXT_ESCAPE_MAX(strlen(text)) holds everything
 */
void text_to_ascii(const char *text, char *ret_text, size_t room) {
        text_escape(text, TEXT_FIT_ASCII, ret_text, room);
}

/**
 * text_is_utf8() - tell whether a text is UTF-8
 * @text:       the text
 *
 * Return: true if all of it is.
 */
bool text_is_utf8(const char *text) {
        for (const uint8_t *p = (const uint8_t *)text; *p;) {
                size_t n;

                if (*p < 0x80) { /* most of all text */
                        p++;
                        continue;
                }
                n = text_utf8_length(p);

                if (!n)
                        return false;
                p += n;
        }
        return true;
}

/**
 * text_json_to_ascii() - write JSON so that it means the same and harms no terminal
 * @json:       valid JSON: what is not printable ASCII stands in strings only, or is white space
 * @ret_text:   the same, each such character in strings as \uNNNN (RFC 8259 section 7); white space
 *              between values as a blank
 * @room:       bytes at @ret_text, at least 1; TEXT_JSON_MAX(strlen(json)) holds everything
 */
void text_json_to_ascii(const char *json, char *ret_text, size_t room) {
        const uint8_t *p = (const uint8_t *)json;
        size_t used = 0;

        while (*p) {
                size_t n = text_utf8_length(p), left = room - used;
                uint32_t c = n ? text_character(p, n) : 0xfffd;
                int m;

                if (c < 0x20)
                        c = ' ';
                if (c < 0x7f)
                        m = snprintf(ret_text + used, left, "%c", (char)c);
                else if (c < 0x10000)
                        m = snprintf(ret_text + used, left, "\\u%04x", (unsigned int)c);
                else
                        m = snprintf(ret_text + used, left, "\\u%04x\\u%04x",
                                     (unsigned int)(0xd800 + ((c - 0x10000) >> 10)),
                                     (unsigned int)(0xdc00 + ((c - 0x10000) & 0x3ff)));
                if (m < 0 || (size_t)m >= left)
                        break;
                used += (size_t)m;
                p += n ? n : 1;
        }
        ret_text[used] = '\0';
}
