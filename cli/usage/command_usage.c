/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic usage - what a user himself moved.
 *
 * Owns: who is shown what. A user who may read the log (root, group adm) is shown what is in it, of
 * any user. Every other user is shown the file that root wrote for him (usagefolder.h). The uid is
 * the real one of this process, and the kernel checks it: nothing here is setuid.
 */

#include "base/base.h"
#include "cli/command.h"
#include "cli/session/sessionrow.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/human.h"
#include "cli/shared/indexing.h"
#include "cli/shared/jsontext.h"
#include "cli/shared/options.h"
#include "cli/shared/period.h"
#include "cli/shared/table.h"
#include "config.h"
#include "usagefolder.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define USAGE_PAUSE (2 * CLOCK_SECOND)
#define USAGE_CLEAR "\033[H\033[2J" /* ECMA-48: to the first place, erase all */

struct usage {
        const char *config;
        const char *user;
        bool bytes, export, json, noheadings, utc, watch;
};

static const struct option_entry usage_entries[] = {
        OPTION_BYTES(struct usage, bytes),
        OPTION_CONFIG(struct usage, config),
        { "export", NULL, "for root: write each user's file into usage_dir",
          OPTION_FLAG(struct usage, export) },
        { "json", NULL, "for programs: a JSON object a line, one for each period",
          OPTION_FLAG(struct usage, json) },
        { "noheadings", NULL, "no line with the columns' names (and of the time)",
          OPTION_FLAG(struct usage, noheadings) },
        { "user", "NAME", "this user (only for who may read the log)",
          OPTION_TEXT(struct usage, user) },
        { "utc", NULL, "days of UTC, not of your time zone", OPTION_FLAG(struct usage, utc) },
        { "watch", NULL, "again every two seconds, until it is interrupted",
          OPTION_FLAG(struct usage, watch) },
};

static const struct options usage_options = {
        .command = "usage",
        .operands = "",
        .sentence = "Show what you moved over SSH, and by all your programs: today, in this month\n"
                    "(from billing_day) and in the two before it; and how many sessions are open.",
        .entries = usage_entries,
        .n_entries = sizeof(usage_entries) / sizeof(*usage_entries),
        .notes = "Only root and members of group adm may read the log. For every other user, root\n"
                 "writes a file with usage --export (from a timer or cron): usage_dir/UID. It\n"
                 "belongs to that user, has mode 0400, and only root can write to the folder. So\n"
                 "you see your own figures and nobody else's, from the time that is shown, in\n"
                 "the time zone of the export; no program is setuid. A file belongs to the uid\n"
                 "that the user's name has when it is written.\n"
                 "\n"
                 "IN and OUT are those of SSH sessions. ALL IN and ALL OUT are those of all your\n"
                 "programs on this host (the users' ledger), with a ~ if bytes may be missing.\n"
                 "What goes through a forward of SSH is in both, so never add them.\n"
                 "\n"
                 "COMPLETE is no where bytes may be missing, also because the log begins later or\n"
                 "logins were not recorded for some time. What is not known is an empty cell.\n",
};

enum usage_column {
        USAGE_PERIOD,
        USAGE_SINCE,
        USAGE_IN,
        USAGE_OUT,
        USAGE_TOTAL,
        USAGE_SESSIONS,
        USAGE_OPEN,
        USAGE_COMPLETE,
        USAGE_ALL_IN,
        USAGE_ALL_OUT,
        USAGE_COLUMNS, /* how many */
};

static const struct table_column usage_columns[USAGE_COLUMNS] = {
        { "PERIOD", 0 },           { "SINCE", TABLE_YIELD_FIRST },
        { "IN", TABLE_RIGHT },     { "OUT", TABLE_RIGHT },
        { "TOTAL", TABLE_RIGHT },  { "SESSIONS", TABLE_RIGHT },
        { "OPEN", TABLE_RIGHT },   { "COMPLETE", 0 },
        { "ALL IN", TABLE_RIGHT }, { "ALL OUT", TABLE_RIGHT },
};

/* What all programs moved; with a ~ before it if bytes may be missing. */
static void usage_all(bool exact, const struct usageline *line, int64_t number,
                      char cell[static TABLE_CELL_MAX]) {
        *cell = '\0';
        if (number == USAGELINE_UNKNOWN)
                return;
        *cell = '~';
        sessionrow_number(exact, number, cell + !line->all_complete);
}

static void usage_cells(const struct usage *usage, const struct table *table,
                        const struct usageline *line, struct table_cells *ret_cells) {
        char time[HUMAN_TEXT_MAX];
        int64_t total = USAGELINE_UNKNOWN;
        uint64_t since = 0;

        *ret_cells = (struct table_cells){ .of = { "" } };
        (void)clock_parse(line->since, &since);
        human_time(since, time);
        table_text(table, line->period, ret_cells->of[USAGE_PERIOD]);
        table_text(table, time, ret_cells->of[USAGE_SINCE]);
        sessionrow_number(usage->bytes, line->in_bytes, ret_cells->of[USAGE_IN]);
        sessionrow_number(usage->bytes, line->out_bytes, ret_cells->of[USAGE_OUT]);
        if (line->in_bytes != USAGELINE_UNKNOWN && line->out_bytes != USAGELINE_UNKNOWN &&
            __builtin_add_overflow(line->in_bytes, line->out_bytes, &total))
                total = USAGELINE_UNKNOWN;
        sessionrow_number(usage->bytes, total, ret_cells->of[USAGE_TOTAL]);
        sessionrow_number(true, line->sessions, ret_cells->of[USAGE_SESSIONS]);
        sessionrow_number(true, line->open, ret_cells->of[USAGE_OPEN]);
        /* of nothing that is known nothing is missing */
        if (line->in_bytes != USAGELINE_UNKNOWN || line->out_bytes != USAGELINE_UNKNOWN)
                table_text(table, line->complete ? "yes" : "no", ret_cells->of[USAGE_COMPLETE]);
        usage_all(usage->bytes, line, line->all_in_bytes, ret_cells->of[USAGE_ALL_IN]);
        usage_all(usage->bytes, line, line->all_out_bytes, ret_cells->of[USAGE_ALL_OUT]);
}

static int usage_print_json(const struct usagefigures *figures) {
        for (size_t i = 0; i < USAGEFIGURES_PERIODS; i++) {
                _cleanup_(freep) char *text = NULL;
                size_t size;
                int r = usageline_encode(figures->lines[i], &text, &size);

                if (!r)
                        r = jsontext_print_line(text);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What all programs moved has columns if it is known of any period. */
static size_t usage_count(const struct usagefigures *figures) {
        for (size_t i = 0; i < USAGEFIGURES_PERIODS; i++)
                if (figures->lines[i]->all_in_bytes != USAGELINE_UNKNOWN)
                        return USAGE_COLUMNS;
        return USAGE_ALL_IN;
}

static int usage_print_table(const struct usage *usage, const struct usagefigures *figures) {
        _cleanup_(table_freep) struct table *table = NULL;
        char user[TABLE_CELL_MAX], time[HUMAN_TEXT_MAX];
        struct table_cells cells;
        uint64_t moment = 0;
        int r;

        r = table_new(usage_columns, usage_count(figures), !usage->noheadings, &table);
        if (r < 0)
                return r;
        if (!usage->noheadings) {
                const char *name = figures->lines[0]->user;

                (void)clock_parse(figures->lines[0]->time, &moment);
                table_text(table, name ? name : "(unknown)", user);
                human_time(moment, time);
                (void)printf("%s, as of %s\n", user, time);
                if (figures->lines[0]->open_until) {
                        (void)clock_parse(figures->lines[0]->open_until, &moment);
                        human_time(moment, time);
                        (void)printf("Sessions that are open are counted to %s\n", time);
                }
        }
        for (size_t i = 0; i < USAGEFIGURES_PERIODS; i++) {
                usage_cells(usage, table, figures->lines[i], &cells);
                table_measure(table, &cells);
        }
        for (size_t i = 0; !r && i < USAGEFIGURES_PERIODS; i++) {
                usage_cells(usage, table, figures->lines[i], &cells);
                r = table_add(table, &cells);
        }
        return r < 0 ? r : table_end(table);
}

/* From the log: for root and adm. */
static int usage_from_log(const struct settings *settings, const char *user, bool known,
                          struct usagefigures **ret_figures) {
        _cleanup_(index_freep) struct index *index = NULL, *users = NULL;
        int r;

        if (indexing_open_now(settings, NULL, 0, INDEX_SSH, false, &index) < 0 ||
            indexing_open_now(settings, NULL, 0, INDEX_USERS, true, &users) < 0)
                return EXIT_FAILED;
        if (!known && !indexing_has_user(index, user) && !indexing_has_user(users, user))
                return fail(EXIT_FAILED, INDEXING_NO_USER, user);
        r = usagefigures_new(index, users, settings, user, ret_figures);
        index_suppose_end(index);
        index_suppose_end(users);
        if (r)
                (void)indexing_failed(index, r);
        return r ? EXIT_FAILED : EXIT_DONE;
}

static int usage_export(const struct settings *settings) {
        _cleanup_(usagefigures_freep) struct usagefigures *figures = NULL;
        int r;

        if (geteuid() != 0)
                return fail(EXIT_FAILED,
                            "usage --export gives each user a file of his own; run it as root");
        r = usage_from_log(settings, NULL, true, &figures);
        if (r)
                return r;
        return usagefolder_write(settings->usage_dir, settings->state_dir, figures) < 0
                       ? EXIT_FAILED
                       : EXIT_DONE;
}

static int usage_show(const struct usage *usage, const struct settings *settings) {
        _cleanup_(usagefigures_freep) struct usagefigures *figures = NULL;
        bool known = !usage->user || getpwnam(usage->user);
        const struct passwd *self = getpwuid(getuid());
        const char *user = usage->user ? usage->user : self ? self->pw_name : NULL;
        int r;

        if (access(settings->log_file, R_OK) == 0 && user) {
                _cleanup_(freep) char *copy = strdup(user);

                r = copy ? usage_from_log(settings, copy, known, &figures) : fail_errno(-ENOMEM);
                if (r)
                        return r;
        } else if (usage->user && (!self || strcmp(self->pw_name, usage->user) != 0)) {
                return fail(EXIT_FAILED, "only root and members of group " LOG_GROUP
                                         " may see the figures of other users");
        } else if (usagefolder_read(settings->usage_dir, getuid(), &figures) < 0) {
                return EXIT_FAILED;
        }
        r = usage->json ? usage_print_json(figures) : usage_print_table(usage, figures);
        return r < 0 ? fail_errno(r) : EXIT_DONE;
}

/* Again and again, on a terminal in the same place, until somebody interrupts it. */
static int usage_watch(const struct usage *usage, const struct settings *settings) {
        for (;;) {
                int r;

                if (isatty(STDOUT_FILENO))
                        (void)fputs(USAGE_CLEAR, stdout);
                r = usage_show(usage, settings);
                if (r || fflush(stdout))
                        return r ? r : EXIT_FAILED;
                clock_sleep(USAGE_PAUSE);
        }
}

/**
 * command_usage() - show a user what he moved
 * @argc:       how many words
 * @argv:       the command's name, options
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_usage(int argc, char **argv) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        struct usage usage = { .user = NULL };
        int r;

        r = options_read(&usage_options, argc, argv, &usage);
        if (r != OPTIONS_GO)
                return r;
        if (usage.export && usage.user)
                return options_wrong(
                        &usage_options,
                        "--export writes the files of all users; do not give --user with it");
        if (usage.utc)
                period_use_utc();
        if (usage.export && usage.watch)
                return options_wrong(&usage_options, "--export writes once; do not give --watch");
        if (configuration_read(usage.config, &settings) < 0)
                return EXIT_FAILED;
        if (usage.watch)
                return usage_watch(&usage, settings);
        return usage.export ? usage_export(settings) : usage_show(&usage, settings);
}
