/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One session that the helper works on.
 *
 * Owns: taking and giving back what open and close both need; and filling a state from the request
 * and from what the kernel says about the session.
 * Relies on: /proc/sys/kernel/random/boot_id; /proc/self/sessionid, which is the audit session that
 * the helper inherits from sshd (proc(5)); 4294967295 means none.
 */

#include "reading/onesession.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "net/process.h"
#include "reading/subflows.h"
#include "store/fields.h"
#include "store/statelock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

/**
 * onesession_begin() - lock a session
 * @session:    SESSION_INIT; to be given to onesession_end() whatever is returned
 * @context:    the settings and the listeners; must outlive @session
 * @folder_fd:  the state folder; must outlive @session
 * @sources:    the ways to its counters; must outlive @session
 * @id:         the session id, valid
 * @patience:   how long to wait for whoever works on the session, microseconds
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int onesession_begin(struct session *session, const struct session_context *context, int folder_fd,
                     struct sources *sources, const char *id, uint64_t patience) {
        session->context = context;
        session->folder_fd = folder_fd;
        session->sources = sources;
        return statelock_take_session(folder_fd, id, clock_now(CLOCK_MONOTONIC) + patience,
                                      &session->lock_fd);
}

/**
 * onesession_end() - give back what onesession_begin() took, and the state
 * @session:    the session
 */
void onesession_end(struct session *session) {
        session->state = state_free(session->state);
        session->lock_fd = fd_close(session->lock_fd);
}

/**
 * onesession_is_here() - tell whether a session's connection can be seen from here
 * @session:    the session, with its state
 *
 * Return: false if it is in another network namespace: rules and conntrack are others there.
 */
bool onesession_is_here(const struct session *session) {
        const int64_t netns = session->state->netns;

        return netns == FIELD_UNKNOWN || netns == context_netns(session->context);
}

/**
 * onesession_pid_lives() - tell whether the sshd process that opened a session is still there
 * @session:    the session, with its state
 *
 * Return: false also if another process has its number now.
 */
bool onesession_pid_lives(const struct session *session) {
        const struct state *state = session->state;
        int64_t started = context_pid_started(session->context, (pid_t)state->pid);

        return started != FIELD_UNKNOWN &&
               (state->pid_started == FIELD_UNKNOWN || state->pid_started == started);
}

/**
 * onesession_save() - write a session's state
 * @session:    the session
 * @sync:       whether it must outlast a power loss when this returns
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int onesession_save(struct session *session, bool sync) {
        int r = statefolder_save(session->folder_fd, session->state, sync);

        if (r < 0)
                session_say(session, LOG_ERR, "session %s: cannot be recorded in %s: %s",
                            session->state->session, session->context->settings->state_dir,
                            strerror(-r));
        return r;
}

/**
 * onesession_describe() - make the state of a new session
 * @session:    gets the state
 * @request:    what the module said
 *
 * Return: 0, or a negative errno.
 */
int onesession_describe(struct session *session, const struct request *request) {
        _cleanup_(freep) char *audit = NULL;
        struct state *state;
        uint64_t number;
        int r;

        r = state_new(&session->state);
        if (r < 0)
                return r;
        state = session->state;

        state->opened_realtime = (int64_t)request->opened_realtime;
        state->opened_boottime = (int64_t)request->opened_boottime;
        state->pid = request->pid;
        state->inode = (int64_t)request->inode;
        if (request->cookie)
                state->cookie = (int64_t)request->cookie;
        if (request->interface)
                state->interface = (int64_t)request->interface - 1;
        /* a reap that takes what the module left may run in another one */
        if (!request->boot_id)
                state->netns = context_netns(session->context);
        subflows_begin(session, request);
        state->local = request->connection.local;
        state->remote = request->connection.remote;
        state->pid_started = context_pid_started(session->context, request->pid);
        state->excluded =
                settings_excluded(session->context->settings, &request->connection.remote.address);

        /* nor is that one's audit session the login's */
        if (!request->boot_id && !context_read_proc(session->context, "self/sessionid", &audit) &&
            !number_parse(audit, strlen(audit), 10, UINT32_MAX - 1, &number))
                state->audit_session = (int64_t)number;

        r = request->boot_id ? text_copy(&state->boot_id, request->boot_id)
                             : context_boot_id(session->context, &state->boot_id);
        if (!r)
                r = text_copy(&state->session, request->session);
        if (!r)
                r = text_copy(&state->service, request->service);
        if (!r)
                r = text_copy(&state->user, request->user);
        if (!r)
                r = text_copy(&state->rhost, request->rhost);
        if (!r)
                r = text_copy(&state->login_session, request->login_session);
        if (!r)
                r = text_copy(&state->auth_info, request->auth_info);
        return r;
}
