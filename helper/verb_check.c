/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `pam_traffic_helper check`: doctor asks whether a helper could do its work now. It does all that
 * `open` does, in the same order, but without a session: it makes no record and no file. It prints
 * what fails on standard output, before the acknowledgement that tells how far it came.
 */

#include "loginrun.h"
#include "verb.h"

/**
 * verb_check() - try what a login waits for, and go on as the worker that tries the rest
 * @config:     the configuration's path
 *
 * Return: EXIT_FAILED; else not at all.
 */
int verb_check(const char *config) {
        _cleanup_(loginrun_end) struct loginrun login = LOGINRUN_INIT;

        login.context.report = outlet_stdout;
        if (!loginrun_begin(&login, config, false) && !sessioncheck_open(&login.context)) {
                loginrun_acknowledge(ACK_RECORDED);
                (void)worker_run("check", config, NULL);
        }
        loginrun_acknowledge(ACK_FAILED);
        return EXIT_FAILED;
}
