/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic report - who moved how much, by user, key, address, day, month ...
 *
 * Owns: its options. reportdata.h has the content of a report, reportprint.h its forms.
 */

#include "base/base.h"
#include "cli/command.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/indexing.h"
#include "cli/shared/options.h"
#include "cli/shared/outfile.h"
#include "cli/shared/period.h"
#include "config.h"
#include "reportdata.h"
#include "reportpage.h"
#include "reportprint.h"

#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct report {
        const char *config, *html;
        struct filter filter;
        bool csv, json, of_files;
        bool knows_user; /* this host does, or none is named */
        struct reportprint print;
        struct report_query query;
};

/* enum index_ledger */
static const char *const report_ledgers[] = { "ssh", "users", NULL };
static const char *const report_layers[] = { "ip", "wire", "payload", NULL };

static const char *report_by(const char *value, void *place) {
        struct report_query *query = place;
        enum report_by by[REPORTDATA_KEYS_MAX] = { REPORT_NONE };
        size_t n = 0;

        for (const char *word = value; word; n++) {
                const char *comma = strchr(word, ',');
                size_t size = comma ? (size_t)(comma - word) : strlen(word);

                if (n == REPORTDATA_KEYS_MAX)
                        return "has more than three words; take one to three, such as user,day";
                if (!reportby_parse(word, size, &by[n]))
                        return "is not user, key, remote, network, host, service, kind, uid, "
                               "login, hour, day or month";
                word = comma ? comma + 1 : NULL;
        }
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < i; k++)
                        if (by[i] == by[k] || (by[i] >= REPORT_HOUR && by[k] >= REPORT_HOUR))
                                return "has two words that do not go together: all must differ, at "
                                       "most one is hour, day or month";
        (void)memcpy(query->by, by, sizeof(by));
        return NULL;
}

/* enum report_sort */
static const char *const report_sorts[] = { "key", "in", "out", "total", "sessions", NULL };

static const struct option_entry report_entries[] = {
        { "by", "WHAT", "what each row stands for (default: user)",
          OPTION_CALL(struct report, query, report_by), .list = true },
        { "bytes", NULL, "exact numbers of bytes, not 4.7K (1K is 1024)",
          OPTION_FLAG(struct report, print.bytes) },
        OPTION_CONFIG(struct report, config),
        { "csv", NULL, "for spreadsheets: the rows, with commas between",
          OPTION_FLAG(struct report, csv) },
        { "from", "CLIENT", "only from this address or network (CIDR)",
          OPTION_CALL(struct report, filter, filter_remote) },
        { "html", "FILE", "a page with charts, mode 0640; - is standard output",
          OPTION_TEXT(struct report, html) },
        { "json", NULL, "for programs: one JSON object", OPTION_FLAG(struct report, json) },
        { "key", "KEY", "only with this key, its first characters, or this method",
          OPTION_CALL(struct report, filter, filter_key) },
        { "layer", "LAYER", "which bytes: ip, wire or payload (default: ip)",
          OPTION_WORD(struct report, query.layer, report_layers) },
        { "ledger", "LEDGER", "of SSH sessions, or of all users' programs (default: ssh)",
          OPTION_WORD(struct report, query.ledger, report_ledgers) },
        { "limit", "N", "only the first N rows; the others are one row (-n)",
          OPTION_NUMBER(struct report, query.limit, 1, UINT32_MAX), .letter = 'n' },
        OPTION_NOHEADINGS(struct report, print.noheadings),
        { "since", "MOMENT", "only what flowed since then",
          OPTION_TEXT(struct report, query.period.since) },
        { "sort", "COLUMN", "key, in, out, total or sessions",
          OPTION_WORD(struct report, query.sort, report_sorts) },
        { "until", "MOMENT", "only what flowed until then",
          OPTION_TEXT(struct report, query.period.until) },
        { "user", "NAME", "only this user's sessions", OPTION_TEXT(struct report, query.user) },
        { "utc", NULL, "days and hours of UTC, not of your time zone",
          OPTION_FLAG(struct report, query.period.utc) },
};

static const struct options report_options = {
        .command = "report",
        .operands = "[FILE...]",
        .sentence = "Report how many bytes SSH sessions moved. The log that the configuration\n"
                    "names (log_file) is read, its rotated files too; or these FILEs, which may\n"
                    "be compressed (.gz, .zst).",
        .entries = report_entries,
        .n_entries = sizeof(report_entries) / sizeof(*report_entries),
        .notes =
                "WHAT is user, key, remote, network, host, service, kind (shell, command, sftp,\n"
                "scp or forward: what a login was for), hour, day or month. Two or three of\n"
                "them go together (user,key,day). A network is an IPv4 /24 or an IPv6 /64. A\n"
                "month begins at the configuration's billing_day. A key without a name is its\n"
                "method.\n"
                "\n" PERIOD_NOTES "\n"
                "IN is from the client to this host, OUT to the client. LAYER ip is what\n"
                "netfilter counts, wire what a router would have counted, payload what the\n"
                "programs moved. Bytes belong to the time at which they flowed: those of a\n"
                "record are spread evenly over the time since the session's record before, and\n"
                "--since and --until go by quarters of an hour. SESSIONS are those that were\n"
                "open; one that was open on two days is in both rows, but once in the total.\n"
                "\n"
                "LEDGER is ssh or users. The second is what the sockets of each user, and of each\n"
                "login, moved, by any program. IN is to this host then, OUT from it, and SESSIONS\n"
                "are accounts: one for each login, and one for what is of none. Never add the\n"
                "two: what goes through a forward of SSH is in both.\n"
                "\n"
                "With --ledger users, WHAT is user, uid, login, host, hour, day or month.\n"
                "\n"
                "NOTES: sessions of which not all bytes are known or may be missing, and those\n"
                "that the configuration excludes. What is not known is an empty cell, in JSON\n"
                "null. (unauthenticated) is what sshd's ports moved less what their sessions did,\n"
                "(excluded) what sessions from excluded networks moved; neither is in the total.\n"
                "\n"
                "Sums are kept in index.db, in state_dir or, for others than root, in\n"
                "~/.cache/pam_traffic. You may delete it at any time; it is made again from the\n"
                "log.\n",
};

/* Each ledger has options of its own. */
static int report_check_ledger(const struct report *report) {
        const struct report_query *query = &report->query;

        for (size_t i = 0; i < REPORTDATA_KEYS_MAX; i++)
                if (!reportby_is_of(query->by[i], query->ledger))
                        return options_wrong(&report_options,
                                             query->ledger == INDEX_USERS
                                                     ? "--ledger users goes --by user, uid, login, "
                                                       "host, hour, day or month"
                                                     : "--by uid or login is for --ledger users");
        if (query->ledger == INDEX_USERS && (report->filter.n || query->layer != INDEX_IP))
                return options_wrong(&report_options,
                                     "--from, --key and --layer are for --ledger ssh");
        return EXIT_DONE;
}

/* What options say together. Return: EXIT_DONE, or EXIT_USAGE after a line on standard error. */
static int report_finish(struct report *report) {
        struct report_query *query = &report->query;
        const char *word;
        int r;

        if (report->json + report->csv + !!report->html > 1)
                return options_wrong(&report_options, "take only one of --csv, --html and --json");
        r = report_check_ledger(report);
        if (r)
                return r;
        query->with_series = report->html;
        if (report->filter.n)
                query->filter = &report->filter;
        query->now = clock_now(CLOCK_REALTIME);
        r = period_parse(&query->period, query->now, &word);
        if (r)
                return options_wrong_period(&report_options, &query->period, r, word);
        return EXIT_DONE;
}

static int report_failed(struct index *index, int error) {
        if (error == -E2BIG)
                fail_warn("the log covers too many hours; choose a shorter time by --since and "
                          "--until");
        else if (error != -EIO)
                (void)indexing_failed(index, error);
        return EXIT_FAILED;
}

/* The other ledger is in the page if it has anything, or was off; not where it was never kept. */
static bool report_shows_users(const struct report_data *users) {
        return users && (users->table.n || (users->gaps.n && users->gaps.of[0].cause != GAP_BEGIN));
}

static int report_print_page(const struct report *report, const struct report_data *data,
                             const struct report_data *users) {
        _cleanup_(outfile_close) struct outfile file = { 0 };
        const struct reportpage page = {
                .data = data,
                .users = report_shows_users(users) ? users : NULL,
                .user = report->query.user,
                .filtered = report->query.filter,
                .of_files = report->of_files,
        };
        int r;

        r = outfile_open(report->html, 0640, &file);
        if (r < 0)
                return -EIO;
        (void)reportpage_write(&page, file.stream);
        return outfile_commit(&file) < 0 ? -EIO : 0;
}

static int report_print(const struct report *report, const struct report_data *data,
                        const struct report_data *users) {
        if (report->json)
                return reportscript_json(data);
        if (report->html)
                return report_print_page(report, data, users);
        if (report->csv)
                return reportscript_csv(&report->print, data);
        return reporttable_print(&report->print, data);
}

/* What the page of the SSH ledger has beside that. */
static int report_read_users(const struct report *report, const struct settings *settings,
                             char **files, size_t n, struct report_data **ret_users) {
        _cleanup_(index_freep) struct index *index = NULL;
        struct report_query query = report->query;
        int r;

        if (!report->html || query.ledger != INDEX_SSH || query.filter || query.layer != INDEX_IP)
                return 0;
        query.ledger = INDEX_USERS;
        for (size_t i = 0; i < REPORTDATA_KEYS_MAX; i++)
                query.by[i] = i ? REPORT_NONE : REPORT_USER;
        r = indexing_open_now(settings, files, n, INDEX_USERS, true, &index);
        if (!r)
                r = reportdata_new(index, &query, ret_users);
        if (index)
                index_suppose_end(index);
        return r;
}

static int report_run(struct report *report, char **files, size_t n) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(reportdata_freep) struct report_data *data = NULL, *users = NULL;
        int r;

        r = configuration_read(report->config, &settings);
        if (r < 0)
                return EXIT_FAILED;
        report->of_files = n;
        /* who is asked for that may be slow: not while the index is held */
        report->knows_user = !report->query.user || getpwnam(report->query.user);
        report->query.billing_day = (unsigned int)settings->billing_day;
        report->query.interval = settings->interim_interval;
        r = indexing_open_now(settings, files, n, report->query.ledger, false, &index);
        if (r < 0)
                return EXIT_FAILED;
        if (!report->knows_user && !indexing_has_user(index, report->query.user))
                return fail(EXIT_FAILED, INDEXING_NO_USER, report->query.user);
        r = reportdata_new(index, &report->query, &data);
        index_suppose_end(index);
        if (!r)
                r = report_read_users(report, settings, files, n, &users);
        if (!r)
                r = report_print(report, data, users);
        return r ? report_failed(index, r) : EXIT_DONE;
}

/**
 * command_report() - report who moved how much
 * @argc:       how many words
 * @argv:       the command's name, options, files
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_report(int argc, char **argv) {
        struct report report = {
                .query = { .by = { REPORT_USER }, .sort = REPORT_SORT_DEFAULT },
                .print = { .bars = isatty(STDOUT_FILENO) },
        };
        int r;

        r = options_read(&report_options, argc, argv, &report);
        if (r != OPTIONS_GO)
                return r;
        r = report_finish(&report);
        return r ? r : report_run(&report, argv + optind, (size_t)(argc - optind));
}
