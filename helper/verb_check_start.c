/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_worker check`: it tries what `start` needs, after pam_traffic_helper has tried its
 * part.
 */

#include "loginrun.h"
#include "verb.h"

/**
 * verb_check_start() - try what counting a session needs
 * @config:     the configuration's path
 * @session:    not used
 *
 * Return: EXIT_DONE or EXIT_FAILED.
 */
int verb_check_start(const char *config, const char *session) {
        _cleanup_(loginrun_end) struct loginrun login = LOGINRUN_INIT;
        bool failed;

        (void)session;
        login.context.report = outlet_stdout;
        failed = loginrun_begin(&login, config, false) || checkstart_run(&login.context) < 0;
        loginrun_acknowledge(failed ? ACK_FAILED : ACK_COUNTING);
        return failed ? EXIT_FAILED : EXIT_DONE;
}
