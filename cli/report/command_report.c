/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic report - who moved how much, by user, key, address, day, month ...
 *
 * Owns: its options. reportdata.h has the content of a report, reportprint.h its forms.
 */

#include "base/base.h"
#include "cli/command.h"
#include "cli/shared/configuration.h"
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
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
        REPORT_OPTION_BY = 1,
        REPORT_OPTION_BYTES,
        REPORT_OPTION_CONFIG,
        REPORT_OPTION_CSV,
        REPORT_OPTION_HTML,
        REPORT_OPTION_JSON,
        REPORT_OPTION_LAYER,
        REPORT_OPTION_LIMIT,
        REPORT_OPTION_NOHEADINGS,
        REPORT_OPTION_SINCE,
        REPORT_OPTION_SORT,
        REPORT_OPTION_UNTIL,
        REPORT_OPTION_USER,
        REPORT_OPTION_UTC,
        REPORT_OPTIONS,
};

static const struct option_entry report_entries[] = {
        { REPORT_OPTION_BY, "by", "WHAT", "what rows are told apart by (default: user)" },
        { REPORT_OPTION_BYTES, "bytes", NULL, "exact numbers of bytes, not 4.7K (1K is 1024)" },
        { REPORT_OPTION_CONFIG, "config", "PATH", "configuration (default: " PATH_CONFIG ")" },
        { REPORT_OPTION_CSV, "csv", NULL, "for spreadsheets: the rows, with commas between" },
        { REPORT_OPTION_HTML, "html", "FILE", "a page with charts, mode 0640; - is the output" },
        { REPORT_OPTION_JSON, "json", NULL, "for programs: one JSON object" },
        { REPORT_OPTION_LAYER, "layer", "LAYER", "which bytes: ip, wire or payload (default: ip)" },
        { REPORT_OPTION_LIMIT, "limit", "N", "the first N rows; the others become one" },
        { REPORT_OPTION_NOHEADINGS, "noheadings", NULL, "no line with the columns' names" },
        { REPORT_OPTION_SINCE, "since", "MOMENT", "only what flowed since then" },
        { REPORT_OPTION_SORT, "sort", "COLUMN", "key, in, out, total or sessions" },
        { REPORT_OPTION_UNTIL, "until", "MOMENT", "only what flowed until then" },
        { REPORT_OPTION_USER, "user", "NAME", "only this user's sessions" },
        { REPORT_OPTION_UTC, "utc", NULL, "days and hours of UTC, not of your time zone" },
};

static const struct options report_options = {
        .command = "report",
        .operands = "[FILE...]",
        .sentence = "Report how many bytes SSH sessions moved. The log that the configuration\n"
                    "names (log_file) is read, its rotated files too; or these FILEs, which may\n"
                    "be compressed (.gz, .zst).",
        .entries = report_entries,
        .n_entries = sizeof(report_entries) / sizeof(*report_entries),
        .notes = "WHAT is user, key, remote, network, host, service, hour, day or month. Two of\n"
                 "them go together (user,day). A network is an IPv4 /24 or an IPv6 /64. A month\n"
                 "begins at the configuration's billing_day. A key without a name is its method.\n"
                 "\n" PERIOD_NOTES "\n"
                 "IN is from the client to this host, OUT to the client. LAYER ip is what\n"
                 "netfilter counts, wire what a router would have counted, payload what the\n"
                 "programs moved. Bytes belong to the time at which they flowed: those of a\n"
                 "record are spread evenly over the time since the session's record before, and\n"
                 "--since and --until go by quarters of an hour. SESSIONS are those that were\n"
                 "there; one that was there on two days is in both rows, and in the total once.\n"
                 "\n"
                 "NOTES: sessions of which not all bytes are known or may be missing, and those\n"
                 "that the configuration excludes. What is not known is an empty cell, in JSON\n"
                 "null. (unauthenticated) is what went over sshd's ports and is no session's.\n"
                 "\n"
                 "Sums are kept in index.db, in state_dir or, for others than root, in\n"
                 "~/.cache/pam_traffic. It may be deleted at any time; it is made anew from the\n"
                 "log.\n",
};

struct report {
        const char *value[REPORT_OPTIONS]; /* what options were given; "": without a value */
        struct report_query query;
};

/* A word of a list; -1 if it is none of them. */
static int report_word(const char *word, const char *const *words, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (!strcmp(word, words[i]))
                        return (int)i;
        return -1;
}

static int report_read_by(const char *text, struct report_query *query) {
        size_t n = 0;

        for (const char *word = text; word; n++) {
                const char *comma = strchr(word, ',');
                size_t size = comma ? (size_t)(comma - word) : strlen(word);

                if (n == REPORTDATA_KEYS_MAX)
                        return options_wrong(&report_options, "--by takes two at most", text);
                if (!reportdata_by_parse(word, size, &query->by[n]))
                        return options_wrong(&report_options, "--by does not know this", text);
                word = comma ? comma + 1 : NULL;
        }
        if (n == 2 && (query->by[0] == query->by[1] ||
                       (query->by[0] >= REPORT_HOUR && query->by[1] >= REPORT_HOUR)))
                return options_wrong(&report_options, "--by takes two that differ, one of time",
                                     text);
        return EXIT_DONE;
}

static int report_read_period(struct report *report) {
        const char *since = report->value[REPORT_OPTION_SINCE];
        const char *until = report->value[REPORT_OPTION_UNTIL];
        struct report_query *query = &report->query;
        int r = 0;

        if (since)
                r = period_parse_since(since, query->now, query->utc, &query->since);
        if (r)
                return options_wrong(&report_options, period_problem(r), since);
        if (until)
                r = period_parse_until(until, query->now, query->utc, &query->until);
        if (r)
                return options_wrong(&report_options, period_problem(r), until);
        query->with_since = since;
        query->with_until = until;
        if (since && until && query->since >= query->until)
                return options_wrong(&report_options, "--until is not behind --since", until);
        return EXIT_DONE;
}

static int report_read(struct report *report) {
        static const char *const layers[] = { "ip", "wire", "payload" };
        static const char *const sorts[] = { "", "key", "in", "out", "total", "sessions" };
        const char *const *value = report->value;
        struct report_query *query = &report->query;
        uint64_t limit = 0;
        int word = 0, r;

        r = report_read_by(value[REPORT_OPTION_BY] ? value[REPORT_OPTION_BY] : "user", query);
        if (r)
                return r;
        if (value[REPORT_OPTION_LAYER])
                word = report_word(value[REPORT_OPTION_LAYER], layers, 3);
        if (word < 0)
                return options_wrong(&report_options, "--layer does not know this",
                                     value[REPORT_OPTION_LAYER]);
        query->layer = (enum index_layer)word;
        word = REPORT_SORT_DEFAULT;
        if (value[REPORT_OPTION_SORT])
                word = report_word(value[REPORT_OPTION_SORT], sorts, 6);
        if (word < 0 || (value[REPORT_OPTION_SORT] && !word))
                return options_wrong(&report_options, "--sort does not know this",
                                     value[REPORT_OPTION_SORT]);
        query->sort = (enum report_sort)word;
        if (value[REPORT_OPTION_LIMIT] &&
            (number_parse(value[REPORT_OPTION_LIMIT], strlen(value[REPORT_OPTION_LIMIT]), 10,
                          UINT32_MAX, &limit) < 0 ||
             !limit))
                return options_wrong(&report_options, "--limit is a number above 0",
                                     value[REPORT_OPTION_LIMIT]);
        if (!!value[REPORT_OPTION_JSON] + !!value[REPORT_OPTION_CSV] + !!value[REPORT_OPTION_HTML] >
            1)
                return options_wrong(&report_options, "one of --csv, --html and --json", NULL);
        query->with_series = value[REPORT_OPTION_HTML];
        query->limit = (size_t)limit;
        query->user = value[REPORT_OPTION_USER];
        query->utc = value[REPORT_OPTION_UTC];
        query->now = clock_now(CLOCK_REALTIME);
        return report_read_period(report);
}

static int report_failed(struct index *index, int error) {
        if (error == -E2BIG)
                (void)fprintf(stderr, "pam_traffic: the log goes over too many hours; narrow it "
                                      "with --since and --until\n");
        else if (error != -EIO)
                (void)indexing_failed(index, error);
        return EXIT_FAILED;
}

static int report_print_page(const struct report *report, const struct report_data *data) {
        _cleanup_(outfile_close) struct outfile file = { 0 };
        char host[HOST_NAME_MAX + 1] = "";
        const struct reportpage page = {
                .data = data,
                .host = host,
                .user = report->query.user,
        };
        int r;

        (void)gethostname(host, sizeof(host) - 1);
        r = outfile_open(report->value[REPORT_OPTION_HTML], 0640, &file);
        if (r < 0)
                return -EIO;
        (void)reportpage_write(&page, file.stream);
        return outfile_commit(&file) < 0 ? -EIO : 0;
}

static int report_print(const struct report *report, const struct report_data *data) {
        const struct reportprint print = {
                .bytes = report->value[REPORT_OPTION_BYTES],
                .noheadings = report->value[REPORT_OPTION_NOHEADINGS],
                .bars = isatty(STDOUT_FILENO),
        };

        if (report->value[REPORT_OPTION_JSON])
                return reportprint_json(data);
        if (report->value[REPORT_OPTION_HTML])
                return report_print_page(report, data);
        if (report->value[REPORT_OPTION_CSV])
                return reportprint_csv(&print, data);
        return reportprint_table(&print, data);
}

static int report_run(struct report *report, char **files, size_t n) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(index_freep) struct index *index = NULL;
        _cleanup_(reportdata_freep) struct report_data *data = NULL;
        int r;

        r = configuration_read(report->value[REPORT_OPTION_CONFIG], &settings);
        if (r < 0)
                return EXIT_FAILED;
        report->query.billing_day = (unsigned int)settings->billing_day;
        r = n ? indexing_open_files(files, n, &index) : indexing_open(settings, &index);
        if (r < 0)
                return EXIT_FAILED;
        r = reportdata_new(index, &report->query, &data);
        if (!r)
                r = report_print(report, data);
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
        struct report report = { .query = { .limit = 0 } };
        const char *value = "";
        int id, r;

        while ((id = options_next(&report_options, argc, argv, &value)) > 0) {
                report.value[id] = value;
                value = "";
        }
        if (id < 0)
                return id == OPTIONS_HELP ? EXIT_DONE : EXIT_USAGE;
        r = report_read(&report);
        return r ? r : report_run(&report, argv + optind, (size_t)(argc - optind));
}
