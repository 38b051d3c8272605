/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where the helper's messages go: to syslog if sshd's module started it, to standard error if an
 * admin or a unit did, to standard output if doctor did (check). A reap logs messages about
 * sessions to syslog, like the module's helper, and its own errors to both.
 */

#include "outlet.h"

#include <inttypes.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

/**
 * outlet_syslog() - log a line
 * @context:    not used
 * @priority:   of syslog(3)
 * @line:       the line
 */
void outlet_syslog(void *context, int priority, const char *line) {
        (void)context;
        syslog(LOG_AUTHPRIV | priority, "%s", line);
}

static void outlet_hide(struct outlet *outlet) {
        if (outlet && outlet->told) {
                (void)fprintf(stderr, "\r\033[K");
                outlet->told = false;
        }
}

/**
 * outlet_progress() - tell how far something is, where standard error is a terminal
 * @context:    the struct outlet
 * @what:       what is done
 * @done:       so much of it
 * @all:        how much there is; when all is done, the line goes
 */
void outlet_progress(void *context, const char *what, uint64_t done, uint64_t all) {
        struct outlet *outlet = context;

        outlet_hide(outlet);
        if (done >= all || !isatty(STDERR_FILENO))
                return;
        (void)fprintf(stderr, "pam_traffic_helper: %s: %" PRIu64 " %%", what, done * 100 / all);
        outlet->told = true;
}

/**
 * outlet_stderr() - print a line
 * @context:    the struct outlet, or NULL
 * @priority:   not used
 * @line:       the line
 */
void outlet_stderr(void *context, int priority, const char *line) {
        outlet_hide(context);
        (void)priority;
        (void)fprintf(stderr, "pam_traffic_helper: %s\n", line);
}

/**
 * outlet_stdout() - print a line to where `check` answers
 * @context:    not used
 * @priority:   not used
 * @line:       the line
 */
void outlet_stdout(void *context, int priority, const char *line) {
        (void)context;
        (void)priority;
        (void)printf("%s\n", line);
        (void)fflush(stdout);
}

/**
 * outlet_both() - log a line, and print it if it is an error
 * @context:    not used
 * @priority:   of syslog(3)
 * @line:       the line
 */
void outlet_both(void *context, int priority, const char *line) {
        outlet_syslog(context, priority, line);
        if (priority <= LOG_ERR)
                outlet_stderr(context, priority, line);
}

/**
 * outlet_settings_syslog() - log a problem of the configuration
 * @context:    not used
 * @line:       what is wrong and where
 */
void outlet_settings_syslog(void *context, const char *line) {
        outlet_syslog(context, LOG_WARNING, line);
}

/**
 * outlet_settings_stderr() - print a problem of the configuration
 * @context:    not used
 * @line:       what is wrong and where
 */
void outlet_settings_stderr(void *context, const char *line) {
        outlet_stderr(context, LOG_WARNING, line);
}

/**
 * outlet_nothing() - pass a line over: somebody else tells it
 * @context:    not used
 * @line:       not used
 */
void outlet_nothing(void *context, const char *line) {
        (void)context;
        (void)line;
}
