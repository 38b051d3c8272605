/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic show - all that is known of one session.
 *
 * What stays in memory is a note of each of its records; they are read again when they are printed.
 */

#include "cli/command.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/human.h"
#include "cli/shared/indexing.h"
#include "cli/shared/jsontext.h"
#include "cli/shared/options.h"
#include "config.h"
#include "filter.h"
#include "inputs.h"
#include "reading/reading.h"
#include "showprint.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* As many are named where a word means several. */
#define SHOW_NAMED_MAX 5

struct show_note {
        uint64_t offset;
        int64_t seq;
        uint32_t size;
        uint32_t file;
        size_t order;
};

struct show {
        bool bytes;
        bool json;
        const char *config; /* NULL: the usual one */
        const char *word;
        char **files;
        size_t n_files;
        struct settings *settings;
        struct inputs inputs;
        size_t input; /* the one that is being read */
        struct live *live;
        const struct record *now;
        struct summary summary;
        struct show_note *notes;
        size_t n, room;
        char named[SHOW_NAMED_MAX][UUID_TEXT_MAX]; /* the sessions that it means */
        size_t n_named;
};

static const struct option_entry show_entries[] = {
        OPTION_BYTES(struct show, bytes),
        OPTION_CONFIG(struct show, config),
        { "json", NULL, "for programs: its records, one JSON object a line",
          OPTION_FLAG(struct show, json) },
};

static const struct options show_options = {
        .command = "show",
        .operands = "SESSION [FILE...]",
        .sentence =
                "Show all that is known of one login. SESSION is the session's id, or its first\n"
                "or last characters (the tables have the last), if no other id has them.\n"
                "Without FILE, the log that the configuration names (log_file) and its rotated\n"
                "files are read.",
        .entries = show_entries,
        .n_entries = sizeof(show_entries) / sizeof(*show_entries),
        .notes = "IN is from the client to this host, OUT to the client. The last table has its\n"
                 "records: what each added (IN+, OUT+), and the totals then. For root, a session\n"
                 "that is open has a last row: now.\n"
                 "\n"
                 "IP is what netfilter counted, before it was cut into segments; on the wire is\n"
                 "about what a router would have counted, with all headers and what was sent\n"
                 "again; payload is what sshd sent and received. --json prints the records as\n"
                 "they are in the log, and that of now with \"event\": \"live\".\n",
};

static void show_clear(struct show *show) {
        inputs_close(&show->inputs);
        (void)live_free(show->live);
        (void)settings_free(show->settings);
        free(show->notes);
}

/* Whether a session is meant; those that are are remembered, if there are not too many. */
static bool show_match(struct show *show, const char *session) {
        if (!filter_session_is(session, show->word))
                return false;
        for (size_t i = 0; i < show->n_named; i++)
                if (!strcmp(show->named[i], session))
                        return true;
        if (show->n_named < SHOW_NAMED_MAX)
                (void)strncpy(show->named[show->n_named++], session, UUID_TEXT_MAX - 1);
        return true;
}

static int show_take(void *context, const struct logreader_line *line) {
        struct show *show = context;

        if (!record_is_session(line->record) || !show_match(show, line->record->session))
                return 0;
        if (show->n_named > 1)
                return 0;
        if (show->n == show->room) {
                size_t room = show->room ? 2 * show->room : 64;
                void *notes = reallocarray(show->notes, room, sizeof(*show->notes));

                if (!notes)
                        return -ENOMEM;
                show->notes = notes;
                show->room = room;
        }
        show->notes[show->n] = (struct show_note){ .offset = line->offset,
                                                   .seq = line->record->seq,
                                                   .size = (uint32_t)line->size,
                                                   .file = (uint32_t)show->input,
                                                   .order = show->n };
        show->n++;
        (void)summary_take(&show->summary, line->record);
        return 0;
}

static int show_compare(const void *a, const void *b) {
        const struct show_note *one = a, *other = b;

        if (one->seq != other->seq)
                return one->seq < other->seq ? -1 : 1;
        return one->order < other->order ? -1 : one->order > other->order;
}

/* In their order; one that is there twice counts once. */
static void show_sort(struct show *show) {
        size_t n = 0;

        if (show->n)
                qsort(show->notes, show->n, sizeof(*show->notes), show_compare);
        for (size_t i = 0; i < show->n; i++)
                if (!n || show->notes[n - 1].seq != show->notes[i].seq)
                        show->notes[n++] = show->notes[i];
        show->n = n;
}

/* Without root, the log must do. */
static int show_read_live(struct show *show, const struct settings *settings) {
        int r, proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (proc_fd < 0)
                return 0;
        r = live_read(settings, proc_fd, LIVE_EACH, &show->live);
        (void)fd_close(proc_fd);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        for (size_t i = 0; i < show->live->n; i++)
                if (show_match(show, show->live->sessions[i].record->session))
                        show->now = show->live->sessions[i].record;
        return 0;
}

static int show_open(struct show *show) {
        int r;

        if (show->n_files)
                return inputs_open_files(show->files, show->n_files, &show->inputs) < 0
                               ? EXIT_FAILED
                               : EXIT_DONE;
        if (configuration_read(show->config, &show->settings) < 0 ||
            inputs_open_log(show->settings->log_file, 0, &show->inputs) < 0)
                return EXIT_FAILED;
        r = show_read_live(show, show->settings);
        return r < 0 ? fail_errno(r) : EXIT_DONE;
}

/* None, or several. */
static int show_wrong(const struct show *show) {
        char names[SHOW_NAMED_MAX * UUID_TEXT_MAX + 1] = "";
        size_t used = 0;

        if (!show->n_named)
                return fail(EXIT_FAILED,
                            "no session's id begins or ends with '%s'; pam_traffic log lists them",
                            show->word);
        for (size_t i = 0; i < show->n_named; i++)
                used += (size_t)snprintf(names + used, sizeof(names) - used, " %s", show->named[i]);
        return fail(EXIT_FAILED, "'%s' stands for several sessions:%s%s; give more of the id",
                    show->word, names, show->n_named == SHOW_NAMED_MAX ? " and perhaps more" : "");
}

static int show_load(const struct show *show, const struct show_note *note, char **ret_line,
                     struct record **ret_record) {
        int r = input_read_line(&show->inputs.of[note->file], note->offset, note->size, ret_line,
                                ret_record);

        if (!r && ((*ret_record)->seq != note->seq ||
                   strcmp((*ret_record)->session, show->named[0]) != 0))
                r = -ESTALE;
        return r;
}

static int show_print_json(const struct show *show) {
        _cleanup_(freep) char *now = NULL;
        size_t size;
        int r = 0;

        for (size_t i = 0; !r && i < show->n; i++) {
                _cleanup_(record_freep) struct record *record = NULL;
                _cleanup_(freep) char *line = NULL;

                r = show_load(show, &show->notes[i], &line, &record);
                if (!r)
                        r = jsontext_print_line(line);
        }
        if (r < 0 || !show->now)
                return r;
        r = record_encode(show->now, &now, &size);
        return r < 0 ? r : jsontext_print_line(now);
}

/* Twice: to measure the rows, and to print them. */
static int show_print_timeline(const struct show *show) {
        _cleanup_(table_freep) struct table *table = NULL;
        struct table_cells cells;
        int r = table_new(showprint_columns, SHOWPRINT_COLUMNS, true, &table);

        for (size_t i = 0; !r && i < 2 * show->n; i++) {
                _cleanup_(record_freep) struct record *record = NULL;
                _cleanup_(freep) char *line = NULL;

                r = show_load(show, &show->notes[i % show->n], &line, &record);
                if (r)
                        break;
                if (i == show->n && show->now) {
                        showprint_cells(table, show->now, show->bytes, &cells);
                        table_measure(table, &cells);
                }
                showprint_cells(table, record, show->bytes, &cells);
                if (i < show->n)
                        table_measure(table, &cells);
                else
                        r = table_add(table, &cells);
        }
        if (!r && show->now) {
                showprint_cells(table, show->now, show->bytes, &cells);
                r = table_add(table, &cells);
        }
        return r ? r : table_end(table);
}

/* What its programs have moved since its stop record: what the users' ledger has of the login in
 * all, less what the record has. */
static void show_after(const struct show *show, const struct record *last,
                       struct showprint *print) {
        const uint64_t ever[] = { 0, INDEX_END };
        const struct index_query query = { .edges = ever, .n_edges = 2, .by = { INDEX_LOGIN } };
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        if (last->process_in_bytes == RECORD_UNKNOWN || last->process_out_bytes == RECORD_UNKNOWN ||
            indexing_open_now(show->settings, show->files, show->n_files, INDEX_USERS, true,
                              &index) ||
            index_ask(index, &query, &answer))
                return;
        for (size_t i = 0; i < answer->n; i++) {
                const struct index_sum *sum = &answer->sums[i];
                const uint64_t in = (uint64_t)last->process_in_bytes;
                const uint64_t out = (uint64_t)last->process_out_bytes;

                if (!sum->key[0] || strcmp(sum->key[0], last->session) != 0 ||
                    sum->in > INT64_MAX || sum->out > INT64_MAX || sum->in < in || sum->out < out ||
                    (sum->in == in && sum->out == out))
                        continue;
                print->after_in = (int64_t)(sum->in - in);
                print->after_out = (int64_t)(sum->out - out);
        }
}

static int show_print(const struct show *show) {
        _cleanup_(record_freep) struct record *last = NULL;
        _cleanup_(freep) char *line = NULL;
        struct showprint print = {
                .last = show->now,
                .records = show->n,
                .expected = show->now ? show->now->seq : show->summary.last + 1,
                .after_in = RECORD_UNKNOWN,
                .after_out = RECORD_UNKNOWN,
                .exact = show->bytes,
        };
        int r = 0;

        if (!show->now)
                r = show_load(show, &show->notes[show->n - 1], &line, &last);
        if (r)
                return r;
        print.last = show->now ? show->now : last;
        if (!show->now)
                show_after(show, last, &print);
        showprint_head(&print);
        r = showprint_totals(&print);
        if (r)
                return r;
        (void)printf("\n");
        return show_print_timeline(show);
}

static int show_run(struct show *show) {
        int r;

        show->summary = (struct summary)SUMMARY_INIT;
        for (; show->input < show->inputs.n; show->input++)
                if (input_read(&show->inputs.of[show->input], show_take, show) < 0)
                        return EXIT_FAILED;
        if (show->n_named != 1)
                return show_wrong(show);
        show_sort(show);
        r = show->json ? show_print_json(show) : show_print(show);
        return r < 0 ? inputs_failed(r) : EXIT_DONE;
}

/**
 * command_show() - show one session
 * @argc:       how many words
 * @argv:       the command's name, options, the session, files
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_show(int argc, char **argv) {
        _cleanup_(show_clear) struct show show = { .n = 0 };
        int r;

        r = options_read(&show_options, argc, argv, &show);
        if (r != OPTIONS_GO)
                return r;
        if (optind == argc)
                return options_wrong(&show_options, "no session is named");
        show.word = argv[optind];
        if (!filter_is_id(show.word))
                return options_wrong(&show_options, "'%s' " FILTER_NO_ID, show.word);
        show.files = argv + optind + 1;
        show.n_files = (size_t)(argc - optind - 1);
        r = show_open(&show);
        return r ? r : show_run(&show);
}
