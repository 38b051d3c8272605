/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic - the admin's view of the logins and their traffic.
 *
 * Owns: the table of commands, from which the usage is printed.
 * Does not: read the options of a command; each command has a table of its own (options.h).
 */

#include "cli/shared/fail.h"
#include "command.h"
#include "config.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct command {
        const char *name;
        int (*run)(int argc, char **argv);
        const char *sentence;
} commands[] = {
        { "alert", command_alert, "Tell whether a user is over a limit; for cron and Nagios" },
        { "config", command_config, "Which settings are in force, and which file has each" },
        { "disable", command_disable, "Stop recording logins: undo what enable did" },
        { "doctor", command_doctor,
          "Check that logins are recorded, and say how to fix it if not" },
        { "enable", command_enable,
          "Start recording logins: PAM line, systemd units, rules, rotation" },
        { "list", command_list, "The sessions that are open now, one a line" },
        { "log", command_log, "The sessions of the log, one a line, the newest last" },
        { "metrics", command_metrics, "Sums of the log for Prometheus (OpenMetrics)" },
        { "report", command_report, "Who moved how much, by user, key, address, day, month" },
        { "show", command_show, "All that is known of one session" },
        { "sockets", command_sockets, "All connections of this host, with their users and bytes" },
        { "top", command_top, "The open sessions and their rates, as a screen that refreshes" },
        { "usage", command_usage, "What you moved yourself; no root needed" },
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static void main_usage(void) {
        (void)printf("Usage: pam_traffic COMMAND [OPTION...]\n"
                     "       pam_traffic help [COMMAND]\n"
                     "       pam_traffic --help | --version\n"
                     "\n"
                     "Show who moved how many bytes over SSH, and from where, and who uses other\n"
                     "connections.\n"
                     "\n"
                     "Commands:\n");
        for (size_t i = 0; i < COMMANDS; i++)
                (void)printf("  %-10s %s\n", commands[i].name, commands[i].sentence);
        (void)printf("\n"
                     "Exit status: 0 done, 1 failed, 2 wrong usage.\n");
}

static int main_wrong(const char *what, const char *word) {
        return fail(EXIT_USAGE, "%s%s%s; try pam_traffic --help", what, *word ? " " : "", word);
}

/* What could not be written is a failure, also when it is noticed by the last byte. */
static int main_end(int status) {
        if (!fflush(stdout) && !ferror(stdout))
                return status;
        return fail(EXIT_FAILED, "the output could not be written: is the disk full?");
}

static int main_run(const char *name, int argc, char **argv) {
        for (size_t i = 0; i < COMMANDS; i++)
                if (!strcmp(name, commands[i].name))
                        return main_end(commands[i].run(argc, argv));
        return main_wrong(name[0] == '-' ? "unknown option" : "unknown command", name);
}

/* All commands, or one of them: "help log" is "log --help". */
static int main_help(int argc, char **argv) {
        char help[] = "--help";
        char *words[] = { argc > 0 ? argv[0] : NULL, help, NULL };

        if (argc > 0 && strcmp(argv[0], "help") != 0)
                return main_run(argv[0], 2, words);
        main_usage();
        return main_end(EXIT_DONE);
}

static bool main_is(const char *word, const char *one, const char *other) {
        return !strcmp(word, one) || !strcmp(word, other);
}

int main(int argc, char **argv) {
        (void)setlocale(LC_CTYPE, "");
        if (argc < 2)
                return main_wrong("no command is given", "");
        if (main_is(argv[1], "--version", "-V")) {
                (void)printf("pam_traffic %s\n", PROJECT_VERSION);
                return main_end(EXIT_DONE);
        }
        if (main_is(argv[1], "--help", "-h") || main_is(argv[1], "help", "help"))
                return main_help(argc - 2, argv + 2);
        return main_run(argv[1], argc - 1, argv + 1);
}
