/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks whether a session could be counted now. The check does what start.c does, in the same
 * order: it reads rules, and opens the log as for a record. It writes nothing.
 */

#include "reading/sources.h"
#include "session/session.h"
#include "session/sessioncheck.h"
#include "store/log.h"
#include "store/statelock.h"

#include <string.h>

/* All rules of sessions are read. A table that nobody has touched is not made by looking. */
static int checkstart_backend(const struct session_context *context) {
        _cleanup_(sources_close) struct sources sources = { 0 };
        const char *wanted = context->settings->backend;
        int r;

        r = sources_open(&sources, SOURCES_PATIENCE_LOOK);
        if (r < 0)
                return sessioncheck_failed(context, "cannot ask conntrack", "", strerror(-r), r);
        if (strcmp(wanted, "auto") != 0) {
                r = sources_observe(&sources, wanted, context->proc_fd);
        } else {
                r = BACKEND_E_UNAVAILABLE;
                for (size_t i = 0; r == BACKEND_E_UNAVAILABLE && i < BACKEND_COUNT; i++)
                        r = sources_observe(&sources, backend_name(i), context->proc_fd);
        }
        return r ? sessioncheck_failed(context, "cannot read rules, backend ", wanted,
                                       sourceswait_reason(r), r)
                 : 0;
}

/**
 * checkstart_run() - try what session_start() needs
 * @context:    the settings and the listener
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int checkstart_run(const struct session_context *context) {
        _cleanup_(fd_closep) int folder_fd = -1, lock_fd = -1;
        const char *path = context->settings->log_file;
        int r;

        r = sessioncheck_folder(context, &folder_fd);
        if (!r)
                r = checkstart_backend(context);
        if (r < 0)
                return r;
        r = statelock_take(folder_fd, STATELOCK_LOG,
                           clock_now(CLOCK_MONOTONIC) + SESSIONCHECK_PATIENCE, &lock_fd);
        if (r < 0)
                return sessioncheck_failed(context, "cannot lock the log: ", path,
                                           statelock_reason(r), r);
        r = log_probe(path);
        return r < 0 ? sessioncheck_failed(context, "cannot write to the log ", path, strerror(-r),
                                           r)
                     : 0;
}
