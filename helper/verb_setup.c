/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper setup`: it runs at boot, before sshd, so that the first login is counted from
 * its first byte.
 */

#include "adminrun.h"
#include "verb.h"

/**
 * verb_setup() - make the base chains, turn conntrack and its accounting on
 * @config:     the configuration's path
 * @session:    not used
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_setup(const char *config, const char *session) {
        (void)session;
        return adminrun_run(config, kernelsetup_run);
}
