/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where the helper's messages go.
 */

#ifndef HELPER_OUTLET_H
#define HELPER_OUTLET_H

#include <stdbool.h>
#include <stdint.h>

/* What is on the terminal: the argument of the functions below, where progress is told; else it may
 * be NULL. */
struct outlet {
        bool told; /* a line that is to be written over */
};

void outlet_progress(void *context, const char *what, uint64_t done, uint64_t all);
void outlet_syslog(void *context, int priority, const char *line);
void outlet_both(void *context, int priority, const char *line);
void outlet_stdout(void *context, int priority, const char *line);
void outlet_stderr(void *context, int priority, const char *line);
void outlet_settings_syslog(void *context, const char *line);
void outlet_settings_stderr(void *context, const char *line);
void outlet_nothing(void *context, const char *line);

#endif
