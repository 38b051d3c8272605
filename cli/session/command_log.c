/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic log - the sessions of the log, one a line.
 *
 * The log is read twice: first all of it, for the place of each session's record and the widths of
 * the columns; then those records alone, in the order of the sessions. What stays in memory is a
 * note of each session (sessions.h), not its record.
 */

#include "cli/command.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/gaptext.h"
#include "cli/shared/human.h"
#include "cli/shared/jsontext.h"
#include "cli/shared/options.h"
#include "cli/shared/period.h"
#include "cli/shared/table.h"
#include "config.h"
#include "filter.h"
#include "inputs.h"
#include "logfollow.h"
#include "sessioncsv.h"
#include "sessionrow.h"
#include "sessions.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum log_order {
        LOG_DURATION,
        LOG_END,
        LOG_IN,
        LOG_OUT,
        LOG_START,
        LOG_TOTAL,
};

static const char *const log_orders[] = {
        [LOG_DURATION] = "duration",
        [LOG_END] = "end",
        [LOG_IN] = "in",
        [LOG_OUT] = "out",
        [LOG_START] = "start",
        [LOG_TOTAL] = "total",
        NULL,
};

struct log {
        bool bytes;
        bool csv;
        bool follow;
        bool json;
        bool noheadings;
        const char *config; /* NULL: the usual one */
        struct filter filter;
        enum log_order order;
        uint64_t limit;      /* 0: none */
        uint64_t open_since; /* open sessions without a record since then were lost */
        struct inputs inputs;
        size_t input; /* the one that is being read */
        struct sessions *sessions;
        struct table *table;
        struct gaps gaps;     /* when logins were not recorded */
        uint64_t shown_since; /* the earliest begin of those that were printed */
        uint64_t open;        /* of the sessions that were printed, so many are open ... */
        uint64_t open_until;  /* ... and the oldest of their last records is of then */
};

static const struct option_entry log_entries[] = {
        OPTION_BYTES(struct log, bytes),
        OPTION_CONFIG(struct log, config),
        { "csv", NULL, "for spreadsheets: the sessions, with commas between",
          OPTION_FLAG(struct log, csv) },
        { "follow", NULL, "print new records as they come, until Ctrl-C (-f)",
          OPTION_FLAG(struct log, follow), .letter = 'f' },
        { "from", "CLIENT", "only from this address, network (CIDR) or host name",
          OPTION_CALL(struct log, filter, filter_from) },
        { "json", NULL, "for programs: the sessions' records, one JSON object a line",
          OPTION_FLAG(struct log, json) },
        { "key", "KEY", "only with this key, its first characters, or this method",
          OPTION_CALL(struct log, filter, filter_key) },
        { "limit", "N", "only the last N, or those N that have most (-n)",
          OPTION_NUMBER(struct log, limit, 1, UINT32_MAX), .letter = 'n' },
        OPTION_NOHEADINGS(struct log, noheadings),
        { "session", "ID", "only with this id, or its first or last characters",
          OPTION_CALL(struct log, filter, filter_session) },
        { "since", "MOMENT", "only what was open at that moment or later",
          OPTION_TEXT(struct log, filter.period.since) },
        { "sort", "COLUMN", "the order (default: start)",
          OPTION_WORD(struct log, order, log_orders) },
        { "until", "MOMENT", "only what began before that moment, or before its end",
          OPTION_TEXT(struct log, filter.period.until) },
        { "user", "NAME", "only this user's", OPTION_CALL(struct log, filter, filter_user) },
        { "utc", NULL, "times and days are those of UTC, not of your time zone",
          OPTION_FLAG(struct log, filter.period.utc) },
};

static const struct options log_options = {
        .command = "log",
        .operands = "[FILE...]",
        .sentence = "List the sessions of the record log, the newest last. Without FILE, the log\n"
                    "that the configuration names (log_file) and its rotated files are read, also\n"
                    "compressed ones.",
        .entries = log_entries,
        .n_entries = sizeof(log_entries) / sizeof(*log_entries),
        .notes = "A session is one row, made of its stop record, or of its last record while\n"
                 "it has none; then LASTED is open. IN is from the client to this host, OUT\n"
                 "to the client; with a ~ before it, bytes may be missing (show says why). START\n"
                 "and END are in your time zone. KEY is the method where there was no key.\n"
                 "KIND is what the login was for: shell, command, sftp, scp or forward. SESSION\n"
                 "is the end of the id; show and --session take it. What is not known is an\n"
                 "empty cell. On a narrow terminal, END, KEY, KIND and CAUSE are left out if\n"
                 "there is no room for them.\n"
                 "\n"
                 "COLUMN is start, end, in, out, total or duration. By start and end the newest\n"
                 "is the last, else the one that has most is the first.\n"
                 "\n" PERIOD_NOTES "\n"
                 "--user, --key, --from and --session may be given several times: a session must\n"
                 "match one of each kind. --follow prints every record, also the interim ones,\n"
                 "from now on or --since, and goes on when the log is rotated.\n"
                 "\n"
                 "--json prints the same records as they are in the log: all keys, numbers as\n"
                 "numbers, null for what is not known, times in UTC, ASCII only. --csv has the\n"
                 "most important of these keys, and when a session began and ended.\n"
                 "\n"
                 "Lines that are not records are skipped and named on standard error; the exit\n"
                 "status is 0 all the same.\n",
};

static void log_clear(struct log *log) {
        inputs_close(&log->inputs);
        (void)sessions_free(log->sessions);
        (void)table_free(log->table);
        gaps_clear(&log->gaps);
}

static int log_follow(const struct log *log, const char *path, bool alone) {
        const struct logfollow follow = {
                .path = path,
                .alone = alone,
                .filter = &log->filter,
                .bytes = log->bytes,
                .json = log->json,
                .noheadings = log->noheadings,
        };

        return logfollow_run(&follow) < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* Open what is to be read; or, with --follow, read it. */
static int log_open(struct log *log, char **paths, int n, bool *ret_done) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        int r;

        *ret_done = log->follow;
        if (n && log->follow)
                return log_follow(log, paths[0], true);
        if (n)
                return inputs_open_files(paths, (size_t)n, &log->inputs) < 0 ? EXIT_FAILED
                                                                             : EXIT_DONE;
        if (configuration_read(log->config, &settings) < 0)
                return EXIT_FAILED;
        if (log->follow)
                return log_follow(log, settings->log_file, false);
        log->open_since = inputs_since(settings, log->filter.period.begin);
        r = inputs_open_log(settings->log_file, log->open_since, &log->inputs);
        return r < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* What has more weight comes first; what is not known, last. */
static int64_t log_weight(const struct log *log, const struct record *record) {
        uint64_t ended;
        int64_t total;

        switch (log->order) {
        case LOG_DURATION:
                return record->duration;
        case LOG_END:
                ended = sessionrow_ended(record);
                return ended ? -(int64_t)ended : INT64_MIN;
        case LOG_IN:
                return record->in_bytes;
        case LOG_OUT:
                return record->out_bytes;
        case LOG_TOTAL:
                if (record->in_bytes == RECORD_UNKNOWN || record->out_bytes == RECORD_UNKNOWN)
                        return RECORD_UNKNOWN;
                return __builtin_add_overflow(record->in_bytes, record->out_bytes, &total)
                               ? INT64_MAX
                               : total;
        case LOG_START:
        default:
                return -(int64_t)summary_began(record);
        }
}

static int log_take(void *context, const struct logreader_line *line) {
        struct log *log = context;
        struct table_cells cells;

        if (record_is_mark(line->record))
                return gaps_take(&log->gaps, line->record);
        if (!record_is_session(line->record) || !filter_match(&log->filter, line->record) ||
            summary_began(line->record) >= log->filter.period.end)
                return 0;
        if (!log->json && !log->csv) {
                sessionrow_cells(log->table, line->record, log->bytes, &cells);
                table_measure(log->table, &cells);
        }
        return sessions_add(log->sessions, (uint32_t)log->input, line,
                            log_weight(log, line->record));
}

/* One that has no stop record is taken to be open as long as its interim records would tell. */
static bool log_in_period(const struct log *log, const struct session_entry *entry) {
        const struct summary *summary = &entry->summary;

        return summary->time >=
               (summary->flags & SUMMARY_STOP ? log->filter.period.begin : log->open_since);
}

static void log_note(struct log *log, const struct summary *summary) {
        if (!log->shown_since || summary->began < log->shown_since)
                log->shown_since = summary->began;
        if (summary->flags & SUMMARY_STOP)
                return;
        log->open++;
        if (log->open == 1 || summary->time < log->open_until)
                log->open_until = summary->time;
}

static int log_print(struct log *log, const struct session_entry *entry) {
        _cleanup_(record_freep) struct record *record = NULL;
        _cleanup_(freep) char *line = NULL;
        struct table_cells cells;
        int r;

        r = input_read_line(&log->inputs.of[entry->file], entry->offset, entry->size, &line,
                            &record);
        if (r < 0)
                return r;
        if (!sessions_is(entry, record) || record->seq != entry->summary.stands)
                return -ESTALE;
        log_note(log, &entry->summary);
        if (log->json)
                return jsontext_print_line(line);
        if (log->csv)
                return sessioncsv_print(record);
        sessionrow_cells(log->table, record, log->bytes, &cells);
        return table_add(log->table, &cells);
}

/* Return: whether a user is named of whom nothing can be known. */
static bool log_none(const struct log *log) {
        const struct inputs *inputs = &log->inputs;
        bool all = !log->filter.n && !log->filter.period.since && !log->filter.period.until;
        const char *stranger = filter_stranger(&log->filter);

        if (stranger) {
                fail_warn("no session of user %s is in %s%s, and this host has no such user",
                          stranger, inputs->of[inputs->n - 1].path,
                          inputs->n > 1 ? " or the other files" : "");
                return true;
        }

        fail_warn("no %s in %s%s", all ? "sessions" : "session matches the options",
                  inputs->of[inputs->n - 1].path, inputs->n > 1 ? " and the other files" : "");
        return false;
}

/* Below the table: how old the figures of the open sessions are, and of what time it cannot tell
 * anything. */
static void log_below(struct log *log) {
        char until[HUMAN_TEXT_MAX];

        gaps_pair(&log->gaps, log->limit ? log->shown_since : log->filter.period.begin,
                  log->filter.period.end);
        if (log->noheadings)
                return;
        if (log->gaps.n || log->open)
                (void)putchar('\n');
        if (log->open) {
                human_time(log->open_until, until);
                (void)printf("%" PRIu64 " session%s open, counted to %s\n", log->open,
                             log->open == 1 ? "" : "s", until);
        }
        for (size_t i = 0; i < log->gaps.n; i++) {
                char text[GAPTEXT_MAX];

                gaptext_make(&log->gaps.of[i], false, text);
                (void)printf("%s\n", text);
        }
}

/* How many of the first are not wanted: of a list in the order of time, --limit leaves the last. */
static int64_t log_skip(const struct log *log, const struct session_entry *const *entries,
                        size_t n) {
        int64_t wanted = 0;

        if (!log->limit || (log->order != LOG_START && log->order != LOG_END))
                return 0;
        for (size_t i = 0; i < n; i++)
                wanted += log_in_period(log, entries[i]);
        return wanted > (int64_t)log->limit ? wanted - (int64_t)log->limit : 0;
}

static int log_run(struct log *log) {
        const struct session_entry *const *entries;
        size_t n, printed = 0;
        int64_t skip;
        int r;

        r = sessions_new(&log->sessions);
        if (!r)
                r = table_new(sessionrow_columns, SESSIONROW_COLUMNS, !log->noheadings,
                              &log->table);
        if (r < 0)
                return fail_errno(r);
        for (; log->input < log->inputs.n; log->input++)
                if (input_read(&log->inputs.of[log->input], log_take, log) < 0)
                        return EXIT_FAILED;

        r = sessions_sort(log->sessions, &entries, &n);
        if (!r && log->csv && !log->noheadings)
                sessioncsv_headings();
        skip = r < 0 ? 0 : log_skip(log, entries, n);
        for (size_t i = 0; !r && i < n; i++) {
                if (!log_in_period(log, entries[i]) || skip-- > 0)
                        continue;
                if (log->limit && printed == log->limit)
                        break;
                r = log_print(log, entries[i]);
                printed++;
        }
        if (!r && !printed && log_none(log))
                return EXIT_FAILED;
        if (!r)
                r = table_end(log->table);
        if (!r && !log->json && !log->csv)
                log_below(log);
        return r < 0 ? inputs_failed(r) : EXIT_DONE;
}

/**
 * command_log() - list the sessions of the log
 * @argc:       how many words
 * @argv:       the command's name, options, files
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_log(int argc, char **argv) {
        _cleanup_(log_clear) struct log log = { .order = LOG_START };
        const char *word;
        bool done;
        int r;

        r = options_read(&log_options, argc, argv, &log);
        if (r != OPTIONS_GO)
                return r;
        r = period_parse(&log.filter.period, clock_now(CLOCK_REALTIME), &word);
        if (r)
                return options_wrong_period(&log_options, &log.filter.period, r, word);
        if (log.json && log.csv)
                return options_wrong(&log_options, "take only one of --csv and --json");
        if (log.follow && (log.csv || log.limit || log.order != LOG_START))
                return options_wrong(&log_options, "--follow prints records as they come: do not "
                                                   "give --csv, --limit or --sort with it");
        if (log.follow && log.filter.period.until)
                return options_wrong(&log_options,
                                     "--follow has no end: do not give --until with it");
        if (log.follow && argc - optind > 1)
                return options_wrong(&log_options, "--follow reads one FILE only; leave out %s",
                                     argv[optind + 1]);
        r = log_open(&log, argv + optind, argc - optind, &done);
        return r || done ? r : log_run(&log);
}
