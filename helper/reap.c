/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper reap`: run by a timer every minute, and after boot.
 */

#include "verb.h"

/**
 * verb_reap() - look after all sessions
 * @config:     the configuration's path
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_reap(const char *config) {
        return base_run(config, session_reap);
}
