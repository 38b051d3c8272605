/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper close`: a login ends. The request is on standard input. Nobody waits for this
 * process, so it may wait for the end of the connection.
 */

#include "loginrun.h"
#include "verb.h"

/**
 * verb_close() - close a session
 * @config:     the configuration's path
 * @session:    not used: the request names it
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_close(const char *config, const char *session) {
        _cleanup_(loginrun_end) struct loginrun login = LOGINRUN_INIT;

        (void)session;
        if (loginrun_begin(&login, config, false) || loginrun_read(&login))
                return EXIT_FAILED;
        return session_close(&login.context, &login.request) < 0 ? EXIT_FAILED : EXIT_DONE;
}
