/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper open`: a login begins. The request is on standard input, the acknowledgement
 * goes to standard output.
 */

#include "verb.h"

/**
 * verb_open() - open a session
 * @config:     the configuration's path
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_open(const char *config) {
        return session_run(config, session_open);
}
