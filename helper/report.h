/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where the helper's lines go.
 */

#ifndef HELPER_REPORT_H
#define HELPER_REPORT_H

void report_syslog(void *context, int priority, const char *line);
void report_both(void *context, int priority, const char *line);
void report_stdout(void *context, int priority, const char *line);
void report_stderr(void *context, int priority, const char *line);
void report_settings_syslog(void *context, const char *line);
void report_settings_stderr(void *context, const char *line);
void report_nothing(void *context, const char *line);

#endif
