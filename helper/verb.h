/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the helper can do: one file a verb.
 */

#ifndef HELPER_VERB_H
#define HELPER_VERB_H

#include "pam_traffic/session.h"

/* Exit status of every program of the project. */
enum {
        EXIT_DONE = 0,
        EXIT_FAILED = 1, /* a clear line has been logged or printed */
        EXIT_USAGE = 2,
};

int verb_open(const char *config);
int verb_close(const char *config);
int verb_reap(const char *config);
int verb_setup(const char *config);
int verb_teardown(const char *config);

/* What open and close share: a request on standard input, reports to syslog. */
int session_run(const char *config,
                int (*run)(const struct session_context *, const struct request *));

/* What reap, setup and teardown share: reports to standard error. */
int base_run(const char *config, int (*run)(const struct session_context *));

#endif
