/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The verbs of the helper: one file for each.
 *
 * Owns: the two programs of which the helper consists. The module, the units and the admin run
 * pam_traffic_helper. A login waits for its verb `open`, so it has no library that counts.
 * pam_traffic_worker does everything else; it takes the place of pam_traffic_helper (execve(2)):
 * VERB CONFIG [SESSION].
 */

#ifndef HELPER_VERB_H
#define HELPER_VERB_H

#include "base/base.h"

#include "session/session.h"

/* pam_traffic_helper */
int verb_open(const char *config);
int verb_check(const char *config);
int worker_run(const char *verb, const char *config, const char *session);

/* pam_traffic_worker */
int verb_start(const char *config, const char *session);
int verb_close(const char *config, const char *session);
int verb_check_start(const char *config, const char *session);
int verb_end(const char *config, const char *session);
int verb_reap(const char *config, const char *session);
int verb_setup(const char *config, const char *session);
int verb_teardown(const char *config, const char *session);

#endif
