/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where the helper's messages go: to syslog if sshd's module started it, to standard error if an
 * admin or a unit did, to standard output if doctor did (check). A reap logs messages about
 * sessions to syslog, like the module's helper, and its own errors to both.
 */

#include "outlet.h"

#include <stdio.h>
#include <syslog.h>

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

/**
 * outlet_stderr() - print a line
 * @context:    not used
 * @priority:   not used
 * @line:       the line
 */
void outlet_stderr(void *context, int priority, const char *line) {
        (void)context;
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
