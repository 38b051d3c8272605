/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper end`: it ends all sessions in the log.
 */

#include "adminrun.h"
#include "verb.h"

/**
 * verb_end() - end all sessions in the log
 * @config:     the configuration's path
 * @session:    not used
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_end(const char *config, const char *session) {
        (void)session;
        return adminrun_run(config, endall_run);
}
