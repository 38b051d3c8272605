/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic log - the sessions of the log, one a line.
 *
 * The log is read twice: first all of it, for the place of each session's record and the widths of
 * the columns; then those records alone, in the order of the sessions. What stays in memory is a
 * note of each session (sessions.h), not its record.
 */

#include "command.h"
#include "config.h"
#include "input.h"
#include "options.h"
#include "pam_traffic/text.h"
#include "sessionrow.h"
#include "sessions.h"
#include "table.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum {
        LOG_BYTES = 1,
        LOG_CONFIG,
        LOG_JSON,
        LOG_NOHEADINGS,
};

static const struct option_entry log_entries[] = {
        { LOG_BYTES, "bytes", NULL, "exact numbers of bytes, not 4.7K (1K is 1024 bytes)" },
        { LOG_CONFIG, "config", "PATH", "configuration (default: " PATH_CONFIG ")" },
        { LOG_JSON, "json", NULL, "for programs: the sessions' records, one JSON object a line" },
        { LOG_NOHEADINGS, "noheadings", NULL, "no line with the columns' names" },
};

static const struct options log_options = {
        .command = "log",
        .operands = "[FILE...]",
        .sentence = "List the sessions of the record log, the newest last. Without FILE, the log\n"
                    "that the configuration names (log_file) is read.",
        .entries = log_entries,
        .n_entries = sizeof(log_entries) / sizeof(*log_entries),
        .notes = "A session is one row, made of its stop record, or of its last record while\n"
                 "it has none; then CAUSE is (open). IN is from the client to this host, OUT\n"
                 "to the client. START is in your time zone. KEY is the method where there was\n"
                 "no key. What is not known is an empty cell.\n"
                 "\n"
                 "--json prints the same records as they are in the log: all keys, numbers as\n"
                 "numbers, null for what is not known, times in UTC, ASCII only.\n"
                 "\n"
                 "Lines that are no records are skipped and named on standard error; the exit\n"
                 "status is 0 all the same.\n",
};

struct log {
        bool bytes;
        bool json;
        bool noheadings;
        const char *config; /* NULL: the usual one */
        struct input *inputs;
        size_t n_inputs;
        size_t input; /* the one that is being read */
        struct sessions *sessions;
        struct table *table;
};

static void log_free(struct log *log) {
        for (size_t i = 0; i < log->n_inputs; i++)
                input_close(&log->inputs[i]);
        free(log->inputs);
        (void)sessions_free(log->sessions);
        (void)table_free(log->table);
}

static int log_failed(int error) {
        (void)fprintf(stderr, "pam_traffic: %s\n", strerror(-error));
        return EXIT_FAILED;
}

static int log_open(struct log *log, int argc, char **argv) {
        _cleanup_(freep) char *path = NULL;
        int r;

        log->inputs = calloc(argc ? (size_t)argc : 1, sizeof(*log->inputs));
        if (!log->inputs)
                return log_failed(-ENOMEM);
        if (!argc) {
                r = input_default(log->config, &path);
                if (!r)
                        r = input_open(path, false, &log->inputs[0]);
                if (r < 0)
                        return EXIT_FAILED;
                log->n_inputs = 1;
        }
        for (int i = 0; i < argc; i++) {
                if (input_open(argv[i], true, &log->inputs[i]) < 0)
                        return EXIT_FAILED;
                log->n_inputs++;
        }
        return EXIT_DONE;
}

static int log_take(void *context, const struct logreader_line *line) {
        struct log *log = context;
        struct table_cells cells;

        if (record_is_port(line->record))
                return 0;
        if (!log->json) {
                sessionrow_cells(log->table, line->record, log->bytes, &cells);
                table_measure(log->table, &cells);
        }
        return sessions_add(log->sessions, (uint32_t)log->input, line);
}

static int log_print_json(const char *line) {
        size_t room = TEXT_JSON_MAX(strlen(line));
        _cleanup_(freep) char *ascii = malloc(room);

        if (!ascii)
                return -ENOMEM;
        text_json_to_ascii(line, ascii, room);
        (void)puts(ascii);
        return 0;
}

static int log_print(const struct log *log, const struct session_entry *entry) {
        _cleanup_(record_freep) struct record *record = NULL;
        _cleanup_(freep) char *line = NULL;
        struct table_cells cells;
        int r;

        r = input_read_line(&log->inputs[entry->file], entry->offset, entry->size, &line, &record);
        if (r < 0)
                return r;
        if (strcmp(record->session, entry->session) != 0 || record->seq != entry->seq)
                return -ESTALE;
        if (log->json)
                return log_print_json(line);
        sessionrow_cells(log->table, record, log->bytes, &cells);
        return table_add(log->table, &cells);
}

static int log_run(struct log *log) {
        const struct session_entry *const *entries;
        size_t n;
        int r;

        r = sessions_new(&log->sessions);
        if (!r)
                r = table_new(sessionrow_columns, SESSIONROW_COLUMNS, !log->noheadings,
                              &log->table);
        if (r < 0)
                return log_failed(r);
        for (; log->input < log->n_inputs; log->input++)
                if (input_read(&log->inputs[log->input], log_take, log) < 0)
                        return EXIT_FAILED;

        r = sessions_sort(log->sessions, &entries, &n);
        if (!r && !n)
                (void)fprintf(stderr, "pam_traffic: no sessions in %s%s\n", log->inputs[0].path,
                              log->n_inputs > 1 ? " and the others" : "");
        for (size_t i = 0; !r && i < n; i++)
                r = log_print(log, entries[i]);
        if (!r)
                r = table_end(log->table);
        if (r == -ESTALE) {
                (void)fprintf(stderr, "pam_traffic: the log was truncated while it was read (by "
                                      "logrotate?); try again\n");
                return EXIT_FAILED;
        }
        return r < 0 ? log_failed(r) : EXIT_DONE;
}

/**
 * command_log() - list the sessions of the log
 * @argc:       how many words
 * @argv:       the command's name, options, files
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_log(int argc, char **argv) {
        _cleanup_(log_free) struct log log = { 0 };
        int id, r;

        while ((id = options_next(&log_options, argc, argv, &log.config)) > 0) {
                log.bytes = log.bytes || id == LOG_BYTES;
                log.json = log.json || id == LOG_JSON;
                log.noheadings = log.noheadings || id == LOG_NOHEADINGS;
        }
        if (id < 0)
                return id == OPTIONS_HELP ? EXIT_DONE : EXIT_USAGE;

        r = log_open(&log, argc - optind, argv + optind);
        return r ? r : log_run(&log);
}
