/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper open`: a login begins. The request is on standard input, the acknowledgements
 * go to standard output: the first one from here, the second one from `pam_traffic_worker start`.
 */

#include "loginrun.h"
#include "verb.h"

/**
 * verb_open() - open a session, and go on as the worker that counts it
 * @config:     the configuration's path
 *
 * Return: EXIT_FAILED; else not at all.
 */
int verb_open(const char *config) {
        _cleanup_(loginrun_end) struct loginrun login = LOGINRUN_INIT;

        if (!loginrun_begin(&login, config, true) && !loginrun_read(&login) &&
            !session_open(&login.context, &login.request)) {
                loginrun_acknowledge(ACK_RECORDED);
                (void)worker_run("start", config, login.request.session);
        }
        loginrun_acknowledge(ACK_FAILED);
        return EXIT_FAILED;
}
