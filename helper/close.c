/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper close`: a login ends. The request is on standard input; nobody waits for
 * this, so it may wait for the connection.
 */

#include "verb.h"

/**
 * verb_close() - close a session
 * @config:     the configuration's path
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_close(const char *config) {
        return session_run(config, session_close);
}
