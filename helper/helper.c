/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic_helper - the part of pam_traffic that counts and writes.
 *
 * Owns: the table of verbs, from which the usage is printed. pam_traffic_worker does the verbs that
 * this program does not do itself.
 * Theory of operation: HACKING.md, "Who runs as what".
 */

#include "config.h"
#include "loginrun.h"
#include "outlet.h"
#include "verb.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static const struct verb {
        const char *name;
        int (*run)(const char *config); /* NULL: the worker does it */
        const char *sentence;
} verbs[] = {
        { "open", verb_open, "A login begins; started by pam_traffic.so" },
        { "close", NULL, "A login ends; started by pam_traffic.so" },
        { "check", verb_check, "Do what a login needs, without a login; started by doctor" },
        { "reap", NULL, "End stale sessions, write interim records; run every minute" },
        { "end", NULL, "End all sessions in the log; before the package is removed" },
        { "setup", NULL, "Make the chains, turn conntrack accounting on; run at boot" },
        { "teardown", NULL, "Remove all rules and chains of pam_traffic" },
};

#define VERBS (sizeof(verbs) / sizeof(*verbs))

static void helper_usage(FILE *stream) {
        (void)fprintf(stream, "Usage: pam_traffic_helper VERB [--config PATH]\n"
                              "       pam_traffic_helper --help | --version\n"
                              "\n"
                              "Count the traffic of SSH logins and write their records.\n"
                              "\n"
                              "Verbs:\n");
        for (size_t i = 0; i < VERBS; i++)
                (void)fprintf(stream, "  %-10s %s\n", verbs[i].name, verbs[i].sentence);
        (void)fprintf(stream, "\n"
                              "Options:\n"
                              "  --config PATH  configuration (default: " PATH_CONFIG ")\n"
                              "  --help         show this and exit\n"
                              "  --version      show the version and exit\n"
                              "\n"
                              "Exit status: 0 done, 1 failed, 2 wrong usage.\n");
}

static int helper_wrong(const char *what, const char *word) {
        (void)fprintf(stderr, "pam_traffic_helper: %s%s%s; try pam_traffic_helper --help\n", what,
                      word ? " " : "", word ? word : "");
        return EXIT_USAGE;
}

static const struct verb *helper_verb(const char *name) {
        for (size_t i = 0; i < VERBS; i++)
                if (!strcmp(verbs[i].name, name))
                        return &verbs[i];
        return NULL;
}

/* Standard error is nowhere where an sshd that is not root's has started this. */
static int helper_not_root(const char *verb) {
        char line[128];

        (void)snprintf(line, sizeof(line), "%s: must be run as root, not as uid %u", verb,
                       (unsigned int)geteuid());
        openlog("pam_traffic", LOG_PID, LOG_AUTHPRIV);
        outlet_both(NULL, LOG_ERR, line);
        if (!strcmp(verb, "open"))
                loginrun_acknowledge(ACK_FAILED);
        return EXIT_FAILED;
}

int main(int argc, char **argv) {
        const char *config = PATH_CONFIG;
        const struct verb *verb = NULL;

        for (int i = 1; i < argc; i++) {
                if (!strcmp(argv[i], "--help")) {
                        helper_usage(stdout);
                        return EXIT_DONE;
                }
                if (!strcmp(argv[i], "--version")) {
                        (void)printf("pam_traffic_helper %s\n", PROJECT_VERSION);
                        return EXIT_DONE;
                }
                if (!strcmp(argv[i], "--config")) {
                        if (++i == argc || argv[i][0] != '/')
                                return helper_wrong("option --config needs an absolute path", NULL);
                        config = argv[i];
                } else if (argv[i][0] == '-') {
                        return helper_wrong("unknown option", argv[i]);
                } else if (verb) {
                        return helper_wrong("only one verb is allowed; leave out", argv[i]);
                } else {
                        verb = helper_verb(argv[i]);
                        if (!verb)
                                return helper_wrong("unknown verb", argv[i]);
                }
        }
        if (!verb)
                return helper_wrong("no verb is given", NULL);
        if (geteuid() != 0)
                return helper_not_root(verb->name);
        if (verb->run)
                return verb->run(config);
        return worker_run(verb->name, config, NULL);
}
