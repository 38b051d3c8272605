/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The small pieces of a report's page.
 *
 * Owns: the escape of hostile text for HTML, as content and in quoted attributes (the five
 * characters of the HTML standard, section 13.3; before that, text_to_line() makes characters
 * visible that hide text or change its direction), and how bytes are written. No style attribute is
 * ever written, because the page's policy would ignore it.
 */

#include "reporthtml.h"

#include "base/base.h"
#include "cli/shared/human.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* A longer text is cut; it fills some lines of a cell already. */
#define REPORTHTML_TEXT_MAX ((size_t)240)

static void reporthtml_escape(FILE *stream, const char *text, size_t size) {
        for (size_t i = 0; i < size; i++)
                switch (text[i]) {
                case '&':
                        (void)fputs("&amp;", stream);
                        break;
                case '<':
                        (void)fputs("&lt;", stream);
                        break;
                case '>':
                        (void)fputs("&gt;", stream);
                        break;
                case '"':
                        (void)fputs("&quot;", stream);
                        break;
                case '\'':
                        (void)fputs("&#39;", stream);
                        break;
                default:
                        (void)fputc(text[i], stream);
                }
}

/**
 * reporthtml_text() - write a text
 * @stream:     the page
 * @text:       hostile text
 */
void reporthtml_text(FILE *stream, const char *text) {
        size_t room = TEXT_ESCAPE_MAX(strlen(text)), size;
        _cleanup_(freep) char *line = malloc(room);

        if (!line)
                return;
        text_to_line(text, line, room);
        size = strlen(line);
        if (size <= REPORTHTML_TEXT_MAX) {
                reporthtml_escape(stream, line, size);
                return;
        }
        /* not within a character */
        size = REPORTHTML_TEXT_MAX;
        while (size && ((unsigned char)line[size] & 0xc0) == 0x80)
                size--;
        reporthtml_escape(stream, line, size);
        (void)fputs("...", stream);
}

/**
 * reporthtml_key() - write what a row is of
 * @stream:     the page
 * @text:       hostile text; NULL: not known
 */
void reporthtml_key(FILE *stream, const char *text) {
        reporthtml_text(stream, text ? text : "(unknown)");
}

/**
 * reporthtml_bytes() - write a number of bytes, the exact one for who asks for it
 * @stream:     the page
 * @bytes:      the number, or REPORTHTML_UNKNOWN
 */
void reporthtml_bytes(FILE *stream, uint64_t bytes) {
        char text[HUMAN_TEXT_MAX];

        if (bytes == REPORTHTML_UNKNOWN) {
                (void)fputs("<span class=\"unknown\">unknown</span>", stream);
                return;
        }
        human_bytes(bytes, text);
        (void)fprintf(stream, "<data value=\"%" PRIu64 "\" title=\"%" PRIu64 " bytes\">%s</data>",
                      bytes, bytes, text);
}

/**
 * reporthtml_percent() - write a length as an attribute
 * @stream:             the page
 * @attribute:          its name
 * @thousandths:        of a percent
 */
void reporthtml_percent(FILE *stream, const char *attribute, uint64_t thousandths) {
        (void)fprintf(stream, " %s=\"%" PRIu64 ".%03" PRIu64 "%%\"", attribute, thousandths / 1000,
                      thousandths % 1000);
}

/**
 * reporthtml_words() - write a row's figures in words, for an attribute
 * @stream:     the page
 * @data:       the report
 * @row:        the row
 */
void reporthtml_words(FILE *stream, const struct report_data *data, const struct report_row *row) {
        char in[HUMAN_TEXT_MAX] = "unknown", out[HUMAN_TEXT_MAX] = "unknown";

        if (reportdata_is_known(row)) {
                human_bytes(row->in, in);
                human_bytes(row->out, out);
        }
        reporthtml_key(stream, row->key[0]);
        (void)fprintf(stream, ": in %s, out %s, %" PRIu64 " %s%s", in, out, row->sessions,
                      reportdata_noun(data, false), row->sessions == 1 ? "" : "s");
        if (reporthtml_doubtful(row))
                (void)fprintf(stream, ", %" PRIu64 " of them may miss bytes",
                              reporthtml_doubtful(row));
}

/**
 * reporthtml_in() - tell what came in
 * @row:        the row
 *
 * Return: bytes, or REPORTHTML_UNKNOWN.
 */
uint64_t reporthtml_in(const struct report_row *row) {
        return reportdata_is_known(row) ? row->in : REPORTHTML_UNKNOWN;
}

/**
 * reporthtml_out() - tell what went out
 * @row:        the row
 *
 * Return: bytes, or REPORTHTML_UNKNOWN.
 */
uint64_t reporthtml_out(const struct report_row *row) {
        return reportdata_is_known(row) ? row->out : REPORTHTML_UNKNOWN;
}

/**
 * reporthtml_total() - add both directions
 * @row:        the row
 *
 * Return: bytes, or REPORTHTML_UNKNOWN.
 */
uint64_t reporthtml_total(const struct report_row *row) {
        uint64_t sum;

        return reportdata_total(row, &sum) ? sum : REPORTHTML_UNKNOWN;
}

/**
 * reporthtml_doubtful() - tell of how many sessions bytes may be missing
 * @row:        the row
 *
 * Return: the sessions; one may be counted as not known and as not complete.
 */
uint64_t reporthtml_doubtful(const struct report_row *row) {
        return row->unknown > row->incomplete ? row->unknown : row->incomplete;
}

/**
 * reporthtml_part() - tell what part of a whole something is
 * @part:       the part; what is not known is nothing
 * @whole:      the whole
 *
 * Return: thousandths of a percent, at most REPORTHTML_WHOLE.
 */
uint64_t reporthtml_part(uint64_t part, uint64_t whole) {
        if (part == REPORTHTML_UNKNOWN || !whole)
                return 0;
        if (part >= whole)
                return REPORTHTML_WHOLE;
        /* the bits that this needs, and no overflow */
        while (whole >> 46) {
                whole >>= 1;
                part >>= 1;
        }
        return part * REPORTHTML_WHOLE / whole;
}

/**
 * reporthtml_prefix() - tell how the names of a ledger's elements begin
 * @data:       a report; a page may have one of each ledger
 *
 * Return: the begin of an id.
 */
const char *reporthtml_prefix(const struct report_data *data) {
        return data->ledger == INDEX_USERS ? "users-" : "";
}
