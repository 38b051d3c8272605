/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic alert - is somebody over a limit in the running month, or today?
 *
 * Owns: the answer as an exit status and one line, in two dialects: cron's (and the shell's), and
 * that of Nagios' plugins (Monitoring Plugins Development Guidelines: one line of output, text |
 * performance data; 0 OK, 1 warning, 2 critical, 3 unknown).
 */

#include "alertline.h"
#include "alerttold.h"
#include "base/base.h"
#include "cli/command.h"
#include "cli/etc/pamstack.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/indexing.h"
#include "cli/shared/options.h"
#include "cli/shared/period.h"
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
        ALERT_EXIT_BELOW = 0,
        ALERT_EXIT_OVER = 1,
        ALERT_EXIT_OVER_NAGIOS = 2,
        ALERT_EXIT_UNKNOWN = 3,
};

#define ALERT_NOT_RECORDED \
        "logins are not recorded: no service of PAM calls pam_traffic; run pam_traffic enable"

static const char *const alert_directions[] = { "total", "in", "out", NULL };
static const char *const alert_ledgers[] = { "ssh", "users", NULL };
/* What the notes of whom was told are called. */
static const char *const alert_told_spans[][ALERT_SPANS] = {
        [INDEX_SSH] = { "day", "week", "month" },
        [INDEX_USERS] = { "users-day", "users-week", "users-month" },
};
static const char *const alert_spans[] = { "day", "week", "month", NULL };

static const char *alert_over(const char *value, void *place) {
        struct alert_limit *limit = place;

        limit->text = value;
        return size_parse(value, &limit->bytes) < 0 ? "is not a size such as 500M, 1.5G or 10GB"
                                                    : NULL;
}

static const struct option_entry alert_entries[] = {
        { "any", NULL, "any user whose own bytes are over the limit",
          OPTION_FLAG(struct alert, any) },
        OPTION_CONFIG(struct alert, config),
        { "direction", "WAY", "in, out or total (default: total)",
          OPTION_WORD(struct alert, direction, alert_directions) },
        { "ledger", "LEDGER", "of SSH sessions, or of all programs (default: ssh)",
          OPTION_WORD(struct alert, ledger, alert_ledgers) },
        { "nagios", NULL, "the line and the exit status of a Nagios plugin",
          OPTION_FLAG(struct alert, nagios) },
        { "once", NULL, "tell of each user once a day, week or month only; for root",
          OPTION_FLAG(struct alert, once) },
        { "over", "SIZE", "the limit: 500M, 1.5G (1K is 1024), 10GB (1KB is 1000)",
          OPTION_CALL(struct alert, over, alert_over) },
        { "per", "SPAN", "day (today), week (from Monday) or month (from billing_day)",
          OPTION_WORD(struct alert, per, alert_spans) },
        { "quiet", NULL, "print nothing if nobody is over, so that cron sends no mail",
          OPTION_FLAG(struct alert, quiet) },
        { "user", "NAME", "this user only", OPTION_TEXT(struct alert, user) },
        { "utc", NULL, "days of UTC, not of your time zone", OPTION_FLAG(struct alert, utc) },
};

static const struct options alert_options = {
        .command = "alert",
        .operands = "[FILE...]",
        .sentence = "Tell whether a user moved more than a limit: by the exit status, and in one\n"
                    "line. The options --over and --per and either --any or --user are needed.\n"
                    "Without FILE, the log that the configuration names (log_file) is read.",
        .entries = alert_entries,
        .n_entries = sizeof(alert_entries) / sizeof(*alert_entries),
        .notes = "Bytes are those of IP, as the kernel counts them. For root, sessions that are\n"
                 "open count with what they moved until now; for others, and of a FILE, as far\n"
                 "as they have been recorded (interim_interval).\n"
                 "\n"
                 "LEDGER is ssh or users. The second is about what all programs of a user moved;\n"
                 "it cannot tell if the users' ledger is not kept.\n"
                 "\n"
                 "With --once, a user of whom was told before does not count as over, until the\n"
                 "next day, week or month begins, or the limit is another one.\n"
                 "\n"
                 "It cannot tell (exit status 3) if the log cannot be read, if --user names\n"
                 "somebody who is neither in the log nor a user of this host, or if nobody is\n"
                 "over, but logins are not recorded: no service of PAM calls pam_traffic, or\n"
                 "something is wrong on the way from sshd to its programs (see doctor).\n",
        .status = "0 nobody is over, 1 somebody is, 2 wrong usage, 3 cannot tell;\n"
                  "with --nagios: 0 nobody is over, 2 somebody is, 3 cannot tell or wrong usage",
};

/* In Nagios' dialect, the line is on standard output, whatever it says. */
static int alert_unknown(const struct alert *alert, const char *what, bool said) {
        if (alert->nagios)
                (void)printf("PAM_TRAFFIC UNKNOWN - %s\n", what);
        else if (!said)
                fail_warn("%s", what);
        return ALERT_EXIT_UNKNOWN;
}

static int alert_unknown_user(const struct alert *alert) {
        char name[ALERTLINE_NAME_MAX], text[ALERTLINE_NAME_MAX + 64];

        alertline_name(alert->user, name);
        (void)snprintf(text, sizeof(text), INDEXING_NO_USER, name);
        return alert_unknown(alert, text, false);
}

/* The bytes that are meant; of a sum that is no number, the largest that is one. */
static uint64_t alert_bytes(const struct alert *alert, const struct index_sum *sum,
                            bool *ret_least) {
        uint64_t in = alert->direction != ALERT_OUT ? sum->in : 0;
        uint64_t out = alert->direction != ALERT_IN ? sum->out : 0;

        *ret_least = in == INDEX_UNKNOWN || out == INDEX_UNKNOWN;
        return number_add(in == INDEX_UNKNOWN ? INT64_MAX : in,
                          out == INDEX_UNKNOWN ? INT64_MAX : out);
}

static int alert_compare(const void *a, const void *b) {
        const struct alert_user *x = a, *y = b;

        return x->bytes == y->bytes ? 0 : x->bytes < y->bytes ? 1 : -1;
}

/* Those who moved most first. Return: how many are over, and may be told of. */
static size_t alert_sort(struct alert *alert, struct alert_user *users, size_t n) {
        size_t over = 0, kept = 0;

        qsort(users, n, sizeof(*users), alert_compare);
        while (over < n && users[over].bytes > alert->over.bytes)
                over++;
        /* of whom was told before is not in the line at all */
        for (size_t i = 0; i < over; i++)
                if (!users[i].told)
                        users[kept++] = users[i];
        alert->others = kept < over;
        return kept;
}

static struct alert_user alert_user_of(const struct alert *alert, const struct index_sum *sum,
                                       const struct alerttold *told) {
        struct alert_user user = {
                .name = sum->key[0],
                .incomplete = sum->incomplete || sum->unknown || alert->uncounted,
                .told = alert->once && alerttold_has(told, sum->key[0]),
        };
        bool least;

        user.bytes = alert_bytes(alert, sum, &least);
        user.incomplete = user.incomplete || least;
        return user;
}

static int alert_end(const struct alert *alert, const struct alert_user *users, size_t n,
                     size_t over) {
        if (!over && !alert->recorded)
                return alert_unknown(alert, ALERT_NOT_RECORDED, false);
        if (!over && *alert->fault)
                return alert_unknown(alert, alert->fault, false);
        if (over || !alert->quiet || alert->nagios)
                alertline_print(alert, users, n, over);
        if (!over)
                return ALERT_EXIT_BELOW;
        return alert->nagios ? ALERT_EXIT_OVER_NAGIOS : ALERT_EXIT_OVER;
}

/* Note of whom is told now, once that is out. */
static void alert_note(struct alerttold *told, const struct alert_user *users, size_t n) {
        int r = 0;

        /* main() says so; it will be told again */
        if (fflush(stdout))
                return;
        for (size_t i = 0; i < n && !r; i++)
                r = alerttold_add(told, users[i].name);
        if (!r && n)
                r = alerttold_write(told);
        if (r < 0)
                fail_warn("cannot note in %s of whom was told: %s; it will be told again",
                          told->folder, strerror(-r));
}

/* In the users' ledger, what is the kernel's, or of unknown owner, is no user's: "(kernel)". */
static bool alert_is_somebody(const struct alert *alert, const char *name) {
        return alert->ledger != INDEX_USERS || !name || *name != '(';
}

static int alert_answer(struct alert *alert, const struct settings *settings,
                        const struct index_answer *answer) {
        _cleanup_(alerttold_clear) struct alerttold told = { .folder = settings->state_dir };
        _cleanup_(freep) struct alert_user *users = NULL;
        size_t n = 0, over;
        int r;

        users = calloc(answer->n ? answer->n : 1, sizeof(*users));
        if (!users)
                return alert_unknown(alert, strerror(ENOMEM), false);
        if (alert->once)
                alerttold_read(&told, alert_told_spans[alert->ledger][alert->per],
                               alert_directions[alert->direction], alert->over.bytes,
                               alertline_since(alert));
        for (size_t i = 0; i < answer->n; i++) {
                const struct index_sum *sum = &answer->sums[i];

                if (alert->user ? sum->key[0] && !strcmp(sum->key[0], alert->user)
                                : alert_is_somebody(alert, sum->key[0]))
                        users[n++] = alert_user_of(alert, sum, &told);
        }
        over = alert_sort(alert, users, n);
        r = alert_end(alert, users, alert->others && !over ? 0 : n, over);
        if (alert->once)
                alert_note(&told, users, over);
        return r;
}

/* Whether all is recorded that the answer depends on. */
static void alert_look(struct alert *alert, const struct settings *settings, int argc) {
        alert->recorded = argc || alert->ledger == INDEX_USERS || pamstack_is_used();
        if (argc)
                return;
        if (alert->ledger == INDEX_USERS)
                alertfault_look_users(settings, alert->fault);
        else if (alert->recorded)
                alertfault_look(alert->config, alert->fault);
}

/* Any user may have moved something while none was counted. */
static int alert_doubt(struct alert *alert, struct index *index, const uint64_t edges[static 2]) {
        _cleanup_(gaps_clear) struct gaps gaps = { .n = 0 };
        int r = alert->ledger == INDEX_USERS ? index_marks(index, edges[0], edges[1], &gaps) : 0;

        alert->uncounted = gaps.n;
        for (size_t i = 0; i < gaps.n && !*alert->fault; i++)
                if (gaps.of[i].end == UINT64_MAX)
                        (void)snprintf(alert->fault, sizeof(alert->fault),
                                       "users are not counted: the ledger is off, or was never "
                                       "kept");
        return r;
}

static int alert_run(struct alert *alert, int argc, char **argv) {
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;
        _cleanup_(settings_freep) struct settings *settings = NULL;
        _cleanup_(index_freep) struct index *index = NULL;
        struct index_query query = {
                .n_edges = 2,
                .by = { INDEX_USER },
                .user = alert->user,
        };
        struct index_counts counts;
        uint64_t edges[2];
        int r;

        /* that may take long: not while the index is held */
        alert->knows_user = !alert->user || getpwnam(alert->user);
        r = configuration_read(alert->config, &settings);
        if (!r)
                alert_look(alert, settings, argc);
        if (!r)
                r = indexing_open_now(settings, argv, (size_t)argc, alert->ledger, false, &index);
        if (r < 0)
                return alert_unknown(alert,
                                     alert->recorded ? "the log cannot be read"
                                                     : ALERT_NOT_RECORDED,
                                     alert->recorded);
        alert->calendar = (struct calendar){
                .now = clock_now(CLOCK_REALTIME),
                .billing_day = settings->billing_day,
        };
        edges[0] = alertline_since(alert);
        edges[1] = alert->calendar.now + 86400 * CLOCK_SECOND;
        query.edges = edges;
        if (!alert->knows_user && !indexing_has_user(index, alert->user))
                return alert_unknown_user(alert);
        r = index_ask(index, &query, &answer);
        if (!r)
                r = index_counts(index, &counts);
        if (!r && alert->ledger == INDEX_USERS)
                r = index_counts_accounts(index, settings->interim_interval, &counts);
        if (!r)
                r = alert_doubt(alert, index, edges);
        index_suppose_end(index);
        if (!r && counts.open)
                alert->open_until = counts.open_until;
        if (!r)
                return alert_answer(alert, settings, answer);
        (void)indexing_failed(index, r);
        return alert_unknown(alert, "the index cannot be read", true);
}

static int alert_read(struct alert *alert, int argc, char **argv) {
        int r = options_read(&alert_options, argc, argv, alert);

        if (r != OPTIONS_GO)
                return r;
        if (alert->any == !!alert->user)
                return options_wrong(&alert_options, "either --any or --user NAME is needed");
        if (!alert->over.text)
                return options_wrong(&alert_options, "--over SIZE is needed");
        if (alert->per == ALERT_SPANS)
                return options_wrong(&alert_options, "--per day, week or month is needed");
        if (alert->once && geteuid() != 0)
                return options_wrong(&alert_options,
                                     "--once notes of whom was told: run it as root");
        if (alert->once && argc > optind)
                return options_wrong(&alert_options, "--once is for the log itself: leave out %s",
                                     argv[optind]);
        if (alert->utc)
                period_use_utc();
        return OPTIONS_GO;
}

/**
 * command_alert() - tell whether somebody is over a limit
 * @argc:       how many words
 * @argv:       the command's name, options, files
 *
 * Return: an exit status; what it means is in --help.
 */
int command_alert(int argc, char **argv) {
        struct alert alert = { .per = ALERT_SPANS };
        int r;

        /* also where the words before it are wrong */
        for (int i = 1; i < argc; i++)
                alert.nagios = alert.nagios || !strcmp(argv[i], "--nagios");
        r = alert_read(&alert, argc, argv);
        if (r == EXIT_USAGE && alert.nagios)
                return alert_unknown(&alert, "wrong usage; try pam_traffic alert --help", true);
        return r == OPTIONS_GO ? alert_run(&alert, argc - optind, argv + optind) : r;
}
