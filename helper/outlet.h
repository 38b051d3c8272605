/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where the helper's messages go.
 */

#ifndef HELPER_OUTLET_H
#define HELPER_OUTLET_H

void outlet_syslog(void *context, int priority, const char *line);
void outlet_both(void *context, int priority, const char *line);
void outlet_stdout(void *context, int priority, const char *line);
void outlet_stderr(void *context, int priority, const char *line);
void outlet_settings_syslog(void *context, const char *line);
void outlet_settings_stderr(void *context, const char *line);
void outlet_nothing(void *context, const char *line);

#endif
