/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper reap`: a timer runs it every minute, and after boot.
 */

#include "adminrun.h"
#include "verb.h"

/**
 * verb_reap() - look after all sessions
 * @config:     the configuration's path
 * @session:    not used
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_reap(const char *config, const char *session) {
        (void)session;
        return adminrun_run(config, session_reap);
}
