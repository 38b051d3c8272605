/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Becoming pam_traffic_worker, by execve(2).
 */

#include "config.h"
#include "outlet.h"
#include "verb.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/**
 * worker_run() - become pam_traffic_worker
 * @verb:       what it is to do
 * @config:     the configuration's path
 * @session:    the session id, or NULL
 *
 * Standard streams, environment and ignored signals stay; no other descriptor does.
 *
 * Return: EXIT_FAILED, which has been reported; else not at all.
 */
int worker_run(const char *verb, const char *config, const char *session) {
        const char *arguments[] = { "pam_traffic_worker", verb, config, session, NULL };
        char line[512];

        (void)execv(PATH_WORKER, (char *const *)(uintptr_t)arguments);
        (void)snprintf(line, sizeof(line), "%s: cannot run %s: %s; install pam_traffic again", verb,
                       PATH_WORKER, strerror(errno));
        /* what the module started has nobody who reads its standard error */
        if (!strcmp(verb, "start") || !strcmp(verb, "close"))
                outlet_syslog(NULL, LOG_ERR, line);
        else if (!strcmp(verb, "check"))
                outlet_stdout(NULL, LOG_ERR, line);
        else
                outlet_both(NULL, LOG_ERR, line);
        return EXIT_FAILED;
}
