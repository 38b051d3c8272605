/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks whether a session could be opened now, by doing what an open does.
 *
 * Owns: the order, which is that of open.c, and that nothing is left behind. The files that it
 * writes have no name, and the lock is that of a session that never exists.
 * Does not: count (checkstart.c does; a login waits for no library that counts); make the state
 * folder or the base, as a login would. setup has to make both, and doctor has other checks for
 * them.
 */

#include "session/sessioncheck.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/uuid.h"
#include "netfilter/conntrack.h"
#include "session/session.h"
#include "store/statelock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>

/**
 * sessioncheck_failed() - report what cannot be done
 * @context:    the listener
 * @what:       it
 * @path:       where, "" if that is in @what
 * @why:        the reason
 * @r:          the result
 *
 * Return: @r, or -EIO for what is no errno.
 */
int sessioncheck_failed(const struct session_context *context, const char *what, const char *path,
                        const char *why, int r) {
        context_report(context, LOG_ERR, "%s%s: %s", what, path, why);
        return r < 0 ? r : -EIO;
}

/**
 * sessioncheck_folder() - open the state folder as it is: it is not made
 * @context:    names it
 * @ret_fd:     the folder
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int sessioncheck_folder(const struct session_context *context, int *ret_fd) {
        const char *path = context->settings->state_dir;
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return sessioncheck_failed(context, "cannot open the state folder ", path,
                                           strerror(errno), -errno);
        *ret_fd = fd;
        return 0;
}

static int sessioncheck_state(const struct session_context *context, int folder_fd) {
        _cleanup_(fd_closep) int sessions_fd = -1, lock_fd = -1;
        const char *path = context->settings->state_dir;
        char id[UUID_TEXT_MAX];
        int r;

        r = uuid_new(clock_now(CLOCK_REALTIME), id);
        if (!r)
                r = statelock_take_session(folder_fd, id,
                                           clock_now(CLOCK_MONOTONIC) + SESSIONCHECK_PATIENCE,
                                           &lock_fd);
        if (r < 0)
                return sessioncheck_failed(context, "cannot lock a session in ", path, strerror(-r),
                                           r);
        sessions_fd = openat(folder_fd, "sessions", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = sessions_fd < 0 ? -errno : file_probe_at(sessions_fd);
        if (r < 0)
                return sessioncheck_failed(context, "cannot write a session's state in ", path,
                                           strerror(-r), r);
        return 0;
}

/* That there is no such connection is an answer. */
static int sessioncheck_conntrack(const struct session_context *context) {
        _cleanup_(conntrack_freep) struct conntrack *conntrack = NULL;
        struct connection connection = { .local.port = 1, .remote.port = 1 };
        struct conntrack_entry entry;
        int r;

        (void)address_parse("127.0.0.1", &connection.local.address);
        connection.remote.address = connection.local.address;
        r = conntrack_new(&conntrack);
        if (!r)
                r = conntrack_get(conntrack, &connection, &entry);
        return r < 0 ? sessioncheck_failed(context, "cannot ask conntrack", "", strerror(-r), r)
                     : 0;
}

/**
 * sessioncheck_open() - try what session_open() needs
 * @context:    the settings and the listener
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int sessioncheck_open(const struct session_context *context) {
        _cleanup_(fd_closep) int folder_fd = -1;
        int r;

        r = sessioncheck_folder(context, &folder_fd);
        if (!r)
                r = sessioncheck_state(context, folder_fd);
        return r < 0 ? r : sessioncheck_conntrack(context);
}
