/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper teardown`: it removes what is ours from the kernel, and nothing else.
 */

#include "adminrun.h"
#include "verb.h"

/**
 * verb_teardown() - remove chains and rules, undo setup
 * @config:     the configuration's path
 * @session:    not used
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_teardown(const char *config, const char *session) {
        (void)session;
        return adminrun_run(config, kernelsetup_undo);
}
