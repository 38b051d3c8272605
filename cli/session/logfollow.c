/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic log --follow.
 *
 * Owns: the columns, whose widths are guessed because nobody knows the coming records; and what is
 * shown of a log that was rotated before.
 */

#include "logfollow.h"

#include "base/base.h"
#include "cli/shared/fail.h"
#include "cli/shared/jsontext.h"
#include "cli/shared/table.h"
#include "follow.h"
#include "inputs.h"
#include "sessionrow.h"

#include <string.h>

struct logfollow_run {
        const struct logfollow *follow;
        struct table *table;
};

/* What is wide enough for most: a row of the widest. */
static const struct table_cells logfollow_widths = {
        .of = { "2026-11-22 16:57:54", "interim", "username", "3cHy3vKqWx8t", "192.168.100.100",
                "command", "~1023M", "~1023M", "59m59s", "User-Request", "c5a9f1b2" }
};

static int logfollow_take(void *context, const struct logreader_line *line) {
        const struct logfollow_run *run = context;
        const struct record *record = line->record;
        struct table_cells cells;
        uint64_t time = 0;
        int r;

        (void)clock_parse(record->time, &time);
        if (!record_is_session(record) || !filter_match(run->follow->filter, record) ||
            time < run->follow->filter->period.begin)
                return 0;
        if (run->follow->json)
                return jsontext_print_line(line->text);
        sessionrow_event_cells(run->table, record, run->follow->bytes, &cells);
        r = table_add(run->table, &cells);
        /* at once: nobody knows when the next one comes */
        return r < 0 ? r : table_end(run->table);
}

/* What is asked for of the files that were rotated before: all but the log itself. */
static int logfollow_before(struct logfollow_run *run) {
        const struct logfollow *follow = run->follow;
        struct inputs inputs = { .n = 0 };
        int r = 0;

        if (follow->alone || !follow->filter->period.since ||
            inputs_open_rotated(follow->path, follow->filter->period.begin, &inputs) < 0)
                return 0;
        for (size_t i = 0; !r && i < inputs.n; i++)
                r = input_read(&inputs.of[i], logfollow_take, run);
        inputs_close(&inputs);
        return r;
}

/**
 * logfollow_run() - print new records until a signal ends it
 * @follow:     what and how
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int logfollow_run(const struct logfollow *follow) {
        struct logfollow_run run = { .follow = follow };
        int r;

        r = table_new(sessionrow_event_columns, SESSIONROW_COLUMNS, !follow->noheadings,
                      &run.table);
        if (r < 0)
                return fail(r, "%s", strerror(-r));
        table_stream(run.table, &logfollow_widths);
        r = logfollow_before(&run);
        if (!r)
                r = follow_run(follow->path, follow->filter->period.since, logfollow_take, &run);
        (void)table_free(run.table);
        return r;
}
