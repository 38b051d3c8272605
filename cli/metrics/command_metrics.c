/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic metrics - the sums of the log, for a monitoring system.
 *
 * Owns: the names of the metrics. Their values are those of the index, which keeps its sums when
 * the log is rotated and its old files are deleted. So counters only grow, until index.db is
 * deleted.
 * Does not: name sessions, addresses or keys, because each would be a time series of its own for
 * ever.
 */

#include "base/base.h"
#include "cli/command.h"
#include "cli/shared/configuration.h"
#include "cli/shared/indexing.h"
#include "cli/shared/options.h"
#include "cli/shared/outfile.h"
#include "config.h"
#include "hostusers.h"
#include "openmetrics.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

struct metrics {
        const char *config;
        const char *output;
        enum { METRICS_OPENMETRICS, METRICS_PROMETHEUS } format;
};

static const char *const metrics_formats[] = { "openmetrics", "prometheus", NULL };

static const struct option_entry metrics_entries[] = {
        OPTION_CONFIG(struct metrics, config),
        { "format", "WORD", "openmetrics (default), or prometheus",
          OPTION_WORD(struct metrics, format, metrics_formats) },
        { "output", "FILE", "write FILE in one step, mode 0644; - is the default",
          OPTION_TEXT(struct metrics, output) },
};

static const struct options metrics_options = {
        .command = "metrics",
        .operands = "[FILE...]",
        .sentence = "Write the sums of the record log as metrics. Without FILE, the log that the\n"
                    "configuration names (log_file) is read, with its rotated files.",
        .entries = metrics_entries,
        .n_entries = sizeof(metrics_entries) / sizeof(*metrics_entries),
        .notes = "Counters grow over restarts and rotation; they begin at 0 again if index.db and\n"
                 "users.db in state_dir are deleted. Bytes are those of IP; in is from the\n"
                 "client to this host. A session that is open counts as far as it has been\n"
                 "recorded.\n"
                 "\n"
                 "node_exporter's textfile collector reads --format prometheus: it takes the\n"
                 "counters of OpenMetrics for numbers without a type. examples/ has a timer.\n",
};

/* A sum that is no number has no sample. */
static void metrics_direction(struct openmetrics *text, const char *name, const char *value,
                              uint64_t in, uint64_t out) {
        struct openmetrics_label labels[2] = { { name, value }, { "direction", "in" } };

        if (in != INDEX_UNKNOWN)
                openmetrics_sample(text, labels, 2, in);
        labels[1].value = "out";
        if (out != INDEX_UNKNOWN)
                openmetrics_sample(text, labels, 2, out);
}

/* A name that is not known and an empty one are the same to Prometheus: one time series. */
static bool metrics_named(const char *name) {
        return name && *name;
}

static void metrics_users(struct openmetrics *text, const struct index_answer *answer) {
        struct index_sum unknown = { .in = 0 };
        bool any = false;

        openmetrics_family(text, "pam_traffic_user_bytes", OPENMETRICS_COUNTER, "bytes",
                           "Bytes of a user's SSH sessions; in is from the client to this host.");
        for (size_t i = 0; i < answer->n; i++) {
                const struct index_sum *sum = &answer->sums[i];

                if (metrics_named(sum->key[0])) {
                        metrics_direction(text, "user", sum->key[0], sum->in, sum->out);
                        continue;
                }
                any = true;
                unknown.in = number_add(unknown.in, sum->in);
                unknown.out = number_add(unknown.out, sum->out);
                unknown.sessions += sum->sessions;
        }
        if (any)
                metrics_direction(text, "user", "", unknown.in, unknown.out);

        openmetrics_family(text, "pam_traffic_user_sessions", OPENMETRICS_COUNTER, NULL,
                           "Sessions of a user, those that are open too.");
        for (size_t i = 0; i < answer->n; i++) {
                const struct openmetrics_label label = { "user", answer->sums[i].key[0] };

                if (metrics_named(label.value))
                        openmetrics_sample(text, &label, 1, answer->sums[i].sessions);
        }
        if (any)
                openmetrics_sample(text, &(struct openmetrics_label){ "user", "" }, 1,
                                   unknown.sessions);
}

struct metrics_causes {
        struct openmetrics *text;
        uint64_t unknown;
};

static int metrics_cause(void *context, const char *cause, uint64_t sessions) {
        const struct openmetrics_label label = { "terminate_cause", cause };
        struct metrics_causes *causes = context;

        if (metrics_named(cause))
                openmetrics_sample(causes->text, &label, 1, sessions);
        else
                causes->unknown += sessions;
        return 0;
}

static int metrics_sessions(struct openmetrics *text, struct index *index,
                            const struct index_counts *counts) {
        struct metrics_causes causes = { .text = text };
        int r;

        openmetrics_family(text, "pam_traffic_sessions_open", OPENMETRICS_GAUGE, NULL,
                           "Sessions without a stop record.");
        openmetrics_sample(text, NULL, 0, counts->open);
        openmetrics_family(text, "pam_traffic_sessions_incomplete", OPENMETRICS_GAUGE, NULL,
                           "Sessions of the whole log that may miss bytes (complete is false).");
        openmetrics_sample(text, NULL, 0, counts->incomplete);
        openmetrics_family(text, "pam_traffic_sessions_ended", OPENMETRICS_COUNTER, NULL,
                           "Sessions that ended, by Acct-Terminate-Cause; empty: not known.");
        r = index_counts_causes(index, metrics_cause, &causes);
        if (!r && causes.unknown)
                openmetrics_sample(text, &(struct openmetrics_label){ "terminate_cause", "" }, 1,
                                   causes.unknown);
        return r;
}

/* Bytes of a port. Those of a part are no counter: a session's record may take bytes away. */
static void metrics_part(struct openmetrics *text, const struct index_port *port, uint64_t in,
                         uint64_t out) {
        char name[8];

        (void)snprintf(name, sizeof(name), "%u", port->port);
        metrics_direction(text, "port", name, in, out);
}

static void metrics_ports(struct openmetrics *text, const struct index_answer *answer) {
        const struct index_port *ports = answer->ports;

        if (!answer->n_ports)
                return;
        openmetrics_family(text, "pam_traffic_port_bytes", OPENMETRICS_COUNTER, "bytes",
                           "Bytes of all TCP connections to a port of sshd.");
        for (size_t i = 0; i < answer->n_ports; i++)
                metrics_part(text, &ports[i], ports[i].in, ports[i].out);
        openmetrics_family(text, "pam_traffic_excluded_bytes", OPENMETRICS_GAUGE, "bytes",
                           "Of a port's bytes, those of sessions from excluded networks, by the "
                           "last records, which may be younger than the port's.");
        for (size_t i = 0; i < answer->n_ports; i++)
                metrics_part(text, &ports[i], ports[i].excluded_in, ports[i].excluded_out);
        openmetrics_family(text, "pam_traffic_unauthenticated_bytes", OPENMETRICS_GAUGE, "bytes",
                           "A port's bytes less those of its sessions, by the last records, "
                           "which may be of different moments.");
        for (size_t i = 0; i < answer->n_ports; i++)
                metrics_part(text, &ports[i], ports[i].unauthenticated_in,
                             ports[i].unauthenticated_out);
}

struct metrics_host {
        struct openmetrics *text;
        bool begun;
};

static void metrics_host_user(void *context, const char *user, uint64_t in, uint64_t out) {
        struct metrics_host *host = context;
        struct openmetrics *text = host->text;

        if (!host->begun)
                openmetrics_family(text, "pam_traffic_host_user_bytes", OPENMETRICS_COUNTER,
                                   "bytes",
                                   "Bytes of all sockets of a user, by any program; in is to this "
                                   "host. They include what goes through forwards of SSH. What "
                                   "was recorded before a uid had a name stays the uid's.");
        host->begun = true;
        metrics_direction(text, "user", user, in, out);
}

/* What may be missing of that; the time in which users were not counted is that of all hosts. */
static int metrics_host_missing(struct openmetrics *text, struct index *users) {
        _cleanup_(gaps_clear) struct gaps gaps = { .n = 0 };
        const uint64_t now = clock_now(CLOCK_REALTIME);
        struct index_counts counts;
        uint64_t uncounted = 0;
        int r = index_counts(users, &counts);

        if (!r)
                r = index_marks(users, 0, now, &gaps);
        if (r || !counts.records)
                return r;
        for (size_t i = 0; i < gaps.n; i++)
                if (gaps.of[i].cause != GAP_BEGIN)
                        uncounted +=
                                (gaps.of[i].end < now ? gaps.of[i].end : now) - gaps.of[i].begin;
        openmetrics_family(text, "pam_traffic_host_accounts_incomplete", OPENMETRICS_GAUGE, NULL,
                           "Accounts of users, of the whole log, that may miss bytes (complete is "
                           "false).");
        openmetrics_sample(text, NULL, 0, counts.incomplete);
        openmetrics_family(text, "pam_traffic_host_uncounted_seconds", OPENMETRICS_GAUGE, "seconds",
                           "For how long users were not counted, though they were before: what "
                           "they moved then is in no sum.");
        /* one that was shorter is one, too */
        openmetrics_sample(text, NULL, 0, (uncounted + CLOCK_SECOND - 1) / CLOCK_SECOND);
        return 0;
}

static void metrics_log(struct openmetrics *text, const struct index_counts *counts) {
        openmetrics_family(text, "pam_traffic_log_records", OPENMETRICS_COUNTER, NULL,
                           "Records of the log.");
        openmetrics_sample(text, NULL, 0, counts->records);
        openmetrics_family(text, "pam_traffic_log_bad_lines", OPENMETRICS_COUNTER, NULL,
                           "Lines of the log that are no records.");
        openmetrics_sample(text, NULL, 0, counts->bad_lines);
        if (!counts->last)
                return;
        openmetrics_family(text, "pam_traffic_last_record_timestamp_seconds", OPENMETRICS_GAUGE,
                           "seconds", "When the newest record was made, seconds since 1970.");
        openmetrics_moment(text, counts->last);
}

static int metrics_write(struct openmetrics *text, struct index *index, struct index *users) {
        const uint64_t ever[] = { 0, INDEX_END };
        const struct index_query query = { .edges = ever, .n_edges = 2, .by = { INDEX_USER } };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        struct metrics_host host = { .text = text };
        struct index_counts counts;
        int r;

        r = index_ask(index, &query, &answer);
        if (!r)
                r = index_counts(index, &counts);
        if (r)
                return r;
        metrics_users(text, answer);
        r = metrics_sessions(text, index, &counts);
        if (r)
                return r;
        metrics_ports(text, answer);
        r = hostusers_ask(users, metrics_host_user, &host);
        if (!r)
                r = metrics_host_missing(text, users);
        if (r)
                return r;
        metrics_log(text, &counts);
        openmetrics_end(text);
        return 0;
}

static int metrics_run(const struct metrics *metrics, int argc, char **argv) {
        _cleanup_(outfile_close) struct outfile file = { 0 };
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(index_freep) struct index *index = NULL, *users = NULL;
        struct openmetrics text = { .prometheus = metrics->format == METRICS_PROMETHEUS };
        int r;

        r = configuration_read(metrics->config, &settings);
        if (!r)
                r = indexing_open(settings, argv, (size_t)argc, INDEX_SSH, false, &index);
        if (!r)
                r = indexing_open(settings, argv, (size_t)argc, INDEX_USERS, true, &users);
        if (r < 0)
                return EXIT_FAILED;
        /* node_exporter reads it as another user */
        if (outfile_open(metrics->output, 0644, &file) < 0)
                return EXIT_FAILED;
        text.stream = file.stream;
        text.terminal = isatty(fileno(file.stream));
        r = metrics_write(&text, index, users);
        if (r) {
                (void)indexing_failed(index, r);
                return EXIT_FAILED;
        }
        return outfile_commit(&file) < 0 ? EXIT_FAILED : EXIT_DONE;
}

/**
 * command_metrics() - write metrics
 * @argc:       how many words
 * @argv:       the command's name, options, files
 *
 * Return: EXIT_DONE, EXIT_FAILED or EXIT_USAGE.
 */
int command_metrics(int argc, char **argv) {
        struct metrics metrics = { .output = "-" };
        int r = options_read(&metrics_options, argc, argv, &metrics);

        return r == OPTIONS_GO ? metrics_run(&metrics, argc - optind, argv + optind) : r;
}
