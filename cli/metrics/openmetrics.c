/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Metrics as text.
 *
 * Owns: that control characters are escaped, because people look at this text in terminals, too,
 * and that no two values look alike then. Relies on: OpenMetrics 1.0.0, "ABNF" and "Escaping": in a
 * label's value the backslash, the double quote and the newline are escaped, and nothing else; a
 * counter's sample has the family's name and _total, a family with a unit ends in it; the text ends
 * with "# EOF". And on Prometheus' text format 0.0.4, which node_exporter's textfile collector
 * reads: there the counter's family has the sample's name, and unit and end are not known (they
 * would be comments). In that format an OpenMetrics counter would have no type. Does not: write the
 * times of samples, which that collector refuses.
 */

#include "openmetrics.h"

#include "base/base.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* How many bytes begin @text that are written as \xNN: a control character, of ASCII or U+0080 to
 * U+009F, or a backslash of what only looks like that. */
static size_t openmetrics_hidden(const unsigned char *text) {
        if (*text == 0xc2 && text[1] >= 0x80 && text[1] <= 0x9f)
                return 2;
        if (*text == '\\')
                return text[1] == 'x' && isxdigit(text[2]) && isxdigit(text[3]);
        return (*text < ' ' && *text != '\n') || *text == 0x7f;
}

static void openmetrics_escape(FILE *stream, const char *text, bool hide) {
        while (*text) {
                size_t hidden = hide ? openmetrics_hidden((const unsigned char *)text) : 0;

                for (size_t i = 0; i < hidden; i++)
                        (void)fprintf(stream, "\\\\x%02x", (unsigned int)(unsigned char)text[i]);
                text += hidden;
                if (hidden)
                        continue;
                if (*text == '\n')
                        (void)fputs("\\n", stream);
                else if (*text == '\\' || *text == '"')
                        (void)fprintf(stream, "\\%c", *text);
                else
                        (void)fputc(*text, stream);
                text++;
        }
}

static void openmetrics_value(const struct openmetrics *text, const char *value) {
        size_t room = TEXT_ESCAPE_MAX(strlen(value));
        _cleanup_(freep) char *line = NULL;

        if (!text->terminal) {
                openmetrics_escape(text->stream, value, true);
                return;
        }
        line = malloc(room);
        if (!line)
                return;
        text_to_line(value, line, room);
        openmetrics_escape(text->stream, line, false);
}

static const char *openmetrics_suffix(const struct openmetrics *text) {
        return text->type == OPENMETRICS_COUNTER ? "_total" : "";
}

/**
 * openmetrics_family() - begin a family of metrics
 * @text:       where it is written; keeps @name
 * @name:       its name, for a counter without _total; it ends in the unit
 * @type:       its type
 * @unit:       its unit, or NULL
 * @help:       a sentence without backslash, quote and newline
 */
void openmetrics_family(struct openmetrics *text, const char *name, enum openmetrics_type type,
                        const char *unit, const char *help) {
        const char *suffix;

        text->name = name;
        text->type = type;
        suffix = text->prometheus ? openmetrics_suffix(text) : "";
        (void)fprintf(text->stream, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix, help, name,
                      suffix, type == OPENMETRICS_COUNTER ? "counter" : "gauge");
        if (unit && !text->prometheus)
                (void)fprintf(text->stream, "# UNIT %s %s\n", name, unit);
}

/**
 * openmetrics_sample() - write a number of the family
 * @text:       where
 * @labels:     what tells it from the family's others
 * @n:          how many
 * @value:      the number
 */
void openmetrics_sample(struct openmetrics *text, const struct openmetrics_label *labels, size_t n,
                        uint64_t value) {
        (void)fprintf(text->stream, "%s%s", text->name, openmetrics_suffix(text));
        for (size_t i = 0; i < n; i++) {
                (void)fprintf(text->stream, "%c%s=\"", i ? ',' : '{', labels[i].name);
                openmetrics_value(text, labels[i].value);
                (void)fputc('"', text->stream);
        }
        (void)fprintf(text->stream, "%s %" PRIu64 "\n", n ? "}" : "", value);
}

/**
 * openmetrics_moment() - write a moment as the family's only number
 * @text:       where
 * @realtime:   microseconds of CLOCK_REALTIME
 */
void openmetrics_moment(struct openmetrics *text, uint64_t realtime) {
        (void)fprintf(text->stream, "%s %" PRIu64 ".%06" PRIu64 "\n", text->name,
                      realtime / CLOCK_SECOND, realtime % CLOCK_SECOND);
}

/**
 * openmetrics_end() - end the text
 * @text:       where
 */
void openmetrics_end(struct openmetrics *text) {
        if (!text->prometheus)
                (void)fputs("# EOF\n", text->stream);
}
