/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What `enable` and `disable` do beside the PAM line.
 *
 * Owns: the folder `backup` of the state folder. It has copies of files that were changed, and of
 * files that were newly made, so that only these are removed again.
 * Relies on: systemctl(1), pam_traffic_helper. Each step may be repeated.
 */

#include "steps.h"

#include "base/base.h"
#include "cli/shared/fail.h"
#include "cli/shared/program.h"
#include "config.h"
#include "usermap/usermap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* setup waits for modprobe, and for the lock of the tables */
#define STEPS_PATIENCE (120 * CLOCK_SECOND)
#define STEPS_SAID_MAX 512
#define STEPS_CRON "/etc/cron.d/pam_traffic"

/* Where the textfile collector of node_exporter looks, as Debian has it; units/ has it, too. */
#define STEPS_METRICS "/var/lib/prometheus/node-exporter"
#define STEPS_METRICS_FILE STEPS_METRICS "/pam_traffic.prom"

/* In the state folder: since when logins are accounted. lib/session/foundpam.c reads it. */
#define STEPS_MARK "../enabled"

/* Likewise: when the last reap was (lib/session/alive.c). */
#define STEPS_ALIVE "alive"
#define STEPS_UNHOOKED "unhooked"

#define STEPS_LOG_PATIENCE (5 * CLOCK_SECOND)

/* How a word of the helper, or of what it runs, about that begins. */
#define STEPS_LEDGER "users' ledger: "

/**
 * steps_say() - print what was done
 * @steps:      whether it was
 * @did:        the verb, for what was done
 * @would:      the verb, for what would be
 * @format:     the rest
 */
void steps_say(const struct steps *steps, const char *did, const char *would, const char *format,
               ...) {
        va_list arguments;

        (void)printf("%s ", steps->dry_run ? would : did);
        va_start(arguments, format);
        (void)vprintf(format, arguments);
        va_end(arguments);
        (void)putchar('\n');
}

/**
 * steps_failed() - print that a step failed, and count it
 * @steps:      the run
 * @what:       what it could not do
 * @why:        the reason, and what to do; other programs' words are made one line
 */
void steps_failed(struct steps *steps, const char *what, const char *why) {
        char shown[STEPS_SAID_MAX];

        text_to_line(why, shown, sizeof(shown));
        fail_warn("%s: %s", what, shown);
        steps->failures++;
}

/* Pass on what the helper said of the users' ledger, though it did the rest. What else it may have
 * said, the configuration's faults, this command has told itself. */
static void steps_heard(struct steps *steps, char *text) {
        char *rest, *line = text ? strtok_r(text, "\n", &rest) : NULL;

        for (; line; line = strtok_r(NULL, "\n", &rest)) {
                const char *said = strstr(line, STEPS_LEDGER);

                if (!said)
                        continue;
                fail_warn("%s", said);
                steps->ledger_said = true;
        }
}

/* Run a program. A failure is said and counted. Return: whether it did what it should. */
static bool steps_run(struct steps *steps, const char *what, const char *const *argv) {
        _cleanup_(program_answer_clear) struct program_answer answer = { .status = 0 };
        int r = program_run(argv, STEPS_PATIENCE, &answer);

        if (!r && !answer.status) {
                steps_heard(steps, answer.text);
                return true;
        }
        if (r)
                steps_failed(steps, what, r < 0 ? strerror(-r) : "there is no such program");
        else
                steps_failed(steps, what,
                             *program_first_line(&answer) ? answer.text
                                                          : "it failed without a message");
        return false;
}

/**
 * steps_programs() - see whether everything that a login needs is installed
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int steps_programs(void) {
        static const char *const paths[] = { PATH_MODULE, PATH_HELPER, PATH_WORKER };

        for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
                if (!access(paths[i], F_OK))
                        continue;
                return fail(-ENOENT,
                            "there is no %s; first install the package, or run meson install",
                            paths[i]);
        }
        return 0;
}

/**
 * steps_backup() - open the folder of the copies
 * @steps:      gets it; in a dry run nothing is made
 * @make:       whether to make it where it is missing
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int steps_backup(struct steps *steps, bool make) {
        const char *path = steps->settings->state_dir;
        _cleanup_(fd_closep) int folder_fd = -1;
        int r;

        make = make && !steps->dry_run;
        if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
                goto failed;
        folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder_fd < 0 && errno == ENOENT && !make)
                return 0;
        if (folder_fd < 0 || (make && mkdirat(folder_fd, "backup", 0700) < 0 && errno != EEXIST))
                goto failed;
        steps->backup_fd =
                openat(folder_fd, "backup", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (steps->backup_fd >= 0 || (errno == ENOENT && !make))
                return 0;
failed:
        r = -errno;
        return fail(r, "cannot use %s: %s", path, strerror(-r));
}

/**
 * steps_systemd() - tell whether systemd runs this host
 *
 * sd_booted(3) looks for the same.
 *
 * Return: true if it does.
 */
bool steps_systemd(void) {
        return !access("/run/systemd/system", F_OK);
}

static bool steps_help(struct steps *steps, const char *verb) {
        const char *argv[] = { PATH_HELPER, verb, steps->config ? "--config" : NULL, steps->config,
                               NULL };
        char what[STEPS_SAID_MAX];

        (void)snprintf(what, sizeof(what), PATH_HELPER " %s", verb);
        return steps_run(steps, what, argv);
}

/* What setup or teardown did about the users' ledger; what kept it from that, it has said. */
static void steps_ledger(const struct steps *steps, bool on, bool was_loaded) {
        const bool users = steps->settings->users, is_loaded = usermap_is_loaded();
        bool loaded = is_loaded && !steps->ledger_said, taken = was_loaded && !is_loaded;

        if (steps->dry_run) {
                loaded = true;
                /* only root can see whether it is there */
                taken = !on && users && (was_loaded || geteuid());
        }
        if (on && users && loaded)
                steps_say(steps, "Loaded", "Would load",
                          "the users' ledger: the kernel counts what each user moves, by any "
                          "program");
        else if (taken)
                steps_say(steps, "Took", "Would take",
                          "the users' ledger away: the kernel no longer counts what each user "
                          "moves");
}

/**
 * steps_rules() - have everything put into the kernel that counts, or all of it taken away
 * @steps:      the run
 * @on:         false: taken away; open sessions are brought up to date before
 */
void steps_rules(struct steps *steps, bool on) {
        const bool was_loaded = usermap_is_loaded();

        if (steps->dry_run)
                steps_say(steps, "", "Would run", PATH_HELPER " %s",
                          on ? "setup" : "reap, then teardown");
        else if (!on)
                (void)steps_help(steps, "reap");
        if (!steps->dry_run && steps_help(steps, on ? "setup" : "teardown"))
                steps_say(steps, on ? "Made" : "Removed", "", "%s",
                          on ? "the chains of pam_traffic, and turned conntrack accounting on"
                             : "all rules and chains of pam_traffic");
        steps_ledger(steps, on, was_loaded);
}

/* Without systemd, cron does it. */
static void steps_cron(const struct steps *steps, bool on) {
        char option[STEPS_SAID_MAX] = "";

        if (!on) {
                (void)printf("This machine has no systemd: if cron runs pam_traffic, end that:\n"
                             "rm -f " STEPS_CRON " " STEPS_METRICS_FILE "\n");
                return;
        }
        if (steps->config)
                (void)snprintf(option, sizeof(option), " --config %s", steps->config);
        if (steps->metrics && access(STEPS_METRICS, F_OK) < 0)
                (void)printf("This machine has no systemd, and no folder for the metrics: run\n"
                             "mkdir -p " STEPS_METRICS "\n"
                             "and put these lines into " STEPS_CRON "\n");
        else
                (void)printf("This machine has no systemd: put these lines into " STEPS_CRON "\n");
        (void)printf("@reboot   root " PATH_HELPER " setup%s\n"
                     "* * * * * root " PATH_HELPER " reap%s\n",
                     option, option);
        if (steps->metrics)
                (void)printf("* * * * * root " PATH_CLI
                             " metrics --format prometheus --output " STEPS_METRICS_FILE "%s\n",
                             option);
        if (steps->usage)
                (void)printf("*/10 * * * * root " PATH_CLI " usage --export%s\n", option);
}

/* node_exporter would tell the last figures for ever. */
static void steps_end_metrics(struct steps *steps) {
        if (!steps->dry_run && unlink(STEPS_METRICS_FILE) < 0 && errno != ENOENT)
                steps_failed(steps, "cannot remove " STEPS_METRICS_FILE, strerror(errno));
}

/* The units that are to be started, or stopped. Those that are extra are always stopped. */
static void steps_list(const struct steps *steps, bool on, const char *ret_units[static 5]) {
        size_t n = 0;

        ret_units[n++] = "pam_traffic-setup.service";
        ret_units[n++] = "pam_traffic-reap.timer";
        if (!on || steps->metrics)
                ret_units[n++] = "pam_traffic-metrics.timer";
        if (!on || steps->usage)
                ret_units[n++] = "pam_traffic-usage.timer";
        ret_units[n] = NULL;
}

/**
 * steps_units() - have the units started now and at boot, or no more
 * @steps:      the run
 * @on:         false: no more
 */
void steps_units(struct steps *steps, bool on) {
        static const char *const reload[] = { "systemctl", "daemon-reload", NULL };
        static const char *const stop[] = { "systemctl", "stop", "pam_traffic-reap.service", NULL };
        const char *units[8] = { "systemctl", on ? "enable" : "disable", "--now" };
        char names[STEPS_SAID_MAX] = "", what[2 * STEPS_SAID_MAX];

        if (steps->metrics && access(STEPS_METRICS, F_OK) < 0)
                fail_warn("there is no " STEPS_METRICS
                          ": install node_exporter (Debian: prometheus-node-exporter)");
        if (!steps_systemd()) {
                steps_cron(steps, on);
                if (!on)
                        steps_end_metrics(steps);
                return;
        }
        steps_list(steps, on, units + 3);
        for (size_t i = 3, used = 0; units[i]; i++)
                used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
                                         i > 3 ? " " : "", units[i]);
        (void)snprintf(what, sizeof(what), "systemctl %s --now %s", units[1], names);
        if (!steps->dry_run && (!steps_run(steps, "systemctl daemon-reload", reload) ||
                                !steps_run(steps, what, units)))
                return;
        /* one that runs now would put back the rules of open sessions */
        if (!steps->dry_run && !on)
                (void)steps_run(steps, "systemctl stop pam_traffic-reap.service", stop);
        if (!on)
                steps_end_metrics(steps);
        steps_say(steps, on ? "Enabled" : "Disabled", on ? "Would enable" : "Would disable", "%s",
                  names);
}

/* Where the line is put back by hand, a reap finds this, and ends the gap in the log. */
static void steps_unhook(int folder_fd) {
        (void)fd_close(openat(folder_fd, STEPS_UNHOOKED,
                              O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
}

/* The log says when logins were not recorded. A gap that a reap would find is this one. */
static void steps_mark_log(struct steps *steps, bool on) {
        _cleanup_(fd_closep) int folder_fd =
                open(steps->settings->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        uint64_t patience = STEPS_LOG_PATIENCE;
        int r;

        r = folder_fd < 0 ? -errno
                          : gaps_write(folder_fd, steps->settings->log_file, !on, GAP_OFF,
                                       clock_now(CLOCK_REALTIME), &patience);
        if (r < 0 && folder_fd >= 0)
                steps_failed(steps, "cannot note in the log since when logins are recorded",
                             strerror(-r));
        if (folder_fd < 0)
                return;
        (void)unlinkat(folder_fd, STEPS_ALIVE, 0);
        if (on)
                (void)unlinkat(folder_fd, STEPS_UNHOOKED, 0);
        else if (!r)
                steps_unhook(folder_fd);
}

/**
 * steps_mark() - note since when logins are accounted, or that they are no more
 * @steps:      the run; in a dry run nothing is done
 * @on:         false: no more
 * @anew:       the PAM line was not there before, or is not any more
 *
 * A login that began before has no record by right, and a reap makes up none. Without this note,
 * the moment of the PAM file's last change stands in for it.
 */
void steps_mark(struct steps *steps, bool on, bool anew) {
        char text[STEPS_SAID_MAX];
        _cleanup_(fd_closep) int fd = -1;
        bool marked;
        int n;

        if (steps->dry_run)
                return;
        if (steps->backup_fd < 0) {
                if (anew)
                        steps_mark_log(steps, on);
                return;
        }
        /* the line was there, and so was this, as a rule */
        if (on && !anew && !faccessat(steps->backup_fd, STEPS_MARK, F_OK, AT_SYMLINK_NOFOLLOW))
                return;
        /* where the line stood there without us, or the state was deleted, there is none */
        marked = !unlinkat(steps->backup_fd, STEPS_MARK, 0);
        if (marked || on || anew)
                steps_mark_log(steps, on);
        else if (errno != ENOENT)
                steps_failed(steps, "cannot remove the file enabled in the state folder",
                             strerror(errno));
        if (!on)
                return;
        n = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)clock_now(CLOCK_REALTIME));
        fd = openat(steps->backup_fd, STEPS_MARK,
                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0 || write(fd, text, (size_t)n) != n)
                steps_failed(steps, "cannot write the file enabled in the state folder",
                             strerror(errno ? errno : EIO));
}
