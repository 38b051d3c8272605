/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_worker start`: the part of an open that is left when the login goes on.
 * pam_traffic_helper has become this program; the acknowledgement goes to standard output.
 */

#include "base/base.h"
#include "loginrun.h"
#include "verb.h"

/**
 * verb_start() - start to count a session
 * @config:     the configuration's path
 * @session:    the session id
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_start(const char *config, const char *session) {
        _cleanup_(loginrun_end) struct loginrun login = LOGINRUN_INIT;
        bool failed;

        failed = !session || !uuid_valid(session) || loginrun_begin(&login, config, false) ||
                 session_start(&login.context, session) < 0;
        loginrun_acknowledge(failed ? ACK_FAILED : ACK_COUNTING);
        if (!failed)
                (void)kind_watch(&login.context, session);
        return failed ? EXIT_FAILED : EXIT_DONE;
}
