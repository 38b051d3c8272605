/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a report's page says of what is missing.
 */

#include "base/base.h"
#include "cli/shared/gaptext.h"
#include "reporthtml.h"

#include <inttypes.h>

static void reportnotes_note(FILE *stream, const char *noun, const char *what, uint64_t n,
                             const char *then) {
        if (n)
                (void)fprintf(stream, "<li>%ss %s: %" PRIu64 ".%s</li>\n", noun, what, n, then);
}

static void reportnotes_gap(FILE *stream, const struct report_data *data, const struct gap *gap) {
        char text[GAPTEXT_MAX];

        (void)fputs("<li>", stream);
        gaptext_make(gap, data->ledger == INDEX_USERS, text);
        reporthtml_text(stream, text);
        (void)fputs(".</li>\n", stream);
}

/**
 * reportnotes_write() - write what is missing of a report
 * @stream:     the page
 * @data:       the report
 * @bad_lines:  of the log, if they are not told elsewhere on the page; else 0
 */
void reportnotes_write(FILE *stream, const struct report_data *data, uint64_t bad_lines) {
        const char *noun = reportdata_noun(data, true);
        const struct report_row *total = &data->table.total;

        if (!total->incomplete && !total->unknown && !total->excluded && !bad_lines &&
            !data->gaps.n)
                return;
        (void)fputs("<section class=\"notes\">\n<h2>What is missing</h2>\n<ul>\n", stream);
        reportnotes_note(stream, noun, "that may miss bytes", total->incomplete,
                         " What is shown is the least that flowed.");
        reportnotes_note(stream, noun, "of which not all bytes are known", total->unknown,
                         " What is known is counted.");
        reportnotes_note(stream, noun,
                         "not counted, because the configuration excludes their networks",
                         total->excluded, "");
        reportnotes_note(stream, "Line", "of the whole log that are not records and were left out",
                         bad_lines, "");
        for (size_t i = 0; i < data->gaps.n; i++)
                reportnotes_gap(stream, data, &data->gaps.of[i]);
        (void)fputs("</ul>\n</section>\n", stream);
}
