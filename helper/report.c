/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where the helper's lines go: to syslog when sshd's module started it, to standard error when an
 * admin or a unit did, to standard output when doctor has it check; a reap speaks of sessions, as
 * the module's helper does, and of its own errors.
 */

#include "report.h"

#include <stdio.h>
#include <syslog.h>

/**
 * report_syslog() - log a line
 * @context:    not used
 * @priority:   of syslog(3)
 * @line:       the line
 */
void report_syslog(void *context, int priority, const char *line) {
        (void)context;
        syslog(LOG_AUTHPRIV | priority, "%s", line);
}

/**
 * report_stderr() - print a line
 * @context:    not used
 * @priority:   not used
 * @line:       the line
 */
void report_stderr(void *context, int priority, const char *line) {
        (void)context;
        (void)priority;
        (void)fprintf(stderr, "pam_traffic_helper: %s\n", line);
}

/**
 * report_stdout() - print a line to where `check` answers
 * @context:    not used
 * @priority:   not used
 * @line:       the line
 */
void report_stdout(void *context, int priority, const char *line) {
        (void)context;
        (void)priority;
        (void)printf("%s\n", line);
        (void)fflush(stdout);
}

/**
 * report_both() - log a line, and print it if it is an error
 * @context:    not used
 * @priority:   of syslog(3)
 * @line:       the line
 */
void report_both(void *context, int priority, const char *line) {
        report_syslog(context, priority, line);
        if (priority <= LOG_ERR)
                report_stderr(context, priority, line);
}

/**
 * report_settings_syslog() - log a problem of the configuration
 * @context:    not used
 * @line:       what is wrong and where
 */
void report_settings_syslog(void *context, const char *line) {
        report_syslog(context, LOG_WARNING, line);
}

/**
 * report_settings_stderr() - print a problem of the configuration
 * @context:    not used
 * @line:       what is wrong and where
 */
void report_settings_stderr(void *context, const char *line) {
        report_stderr(context, LOG_WARNING, line);
}

/**
 * report_nothing() - pass a line over: somebody else tells it
 * @context:    not used
 * @line:       not used
 */
void report_nothing(void *context, const char *line) {
        (void)context;
        (void)line;
}
