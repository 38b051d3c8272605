/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Closing a session.
 *
 * Owns: the wait for the end of the connection, which takes at most linger. If the connection is
 * not over then, a reap ends the session.
 * Relies on: when sshd closes the PAM session the connection is still open; the FIN exchange
 * follows (docs/facts.md, "sshd and PAM").
 */

#include "session/close.h"

#include "base/clock.h"
#include "base/patience.h"
#include "reading/ended.h"
#include "reading/sources.h"
#include "reading/subflows.h"
#include "session/counting.h"
#include "session/foundadopt.h"
#include "session/late.h"
#include "session/ledger.h"
#include "session/open.h"
#include "session/session.h"
#include "session/stop.h"
#include "store/fields.h"
#include "store/statelock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

/* Wait until the connection is over; false if it was not within linger. */
static bool close_wait(struct session *session) {
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + session->context->settings->linger;
        uint64_t pause = CLOSE_POLL_FIRST;

        for (;;) {
                enum ended ended = ended_tell(session);

                if (ended == ENDED_YES || ended == ENDED_SEEMS)
                        return true;
                if (clock_now(CLOCK_MONOTONIC) >= deadline)
                        return false;
                clock_sleep(pause);
                pause = pause * 2 > CLOSE_POLL_LONGEST ? CLOSE_POLL_LONGEST : pause * 2;
        }
}

/* Take a state that cannot be read out of the way. */
static void close_set_aside(struct session *session, const char *id, const char *field) {
        int r = statefolder_set_aside(session->folder_fd, id);

        session_say(session, LOG_ERR,
                    "session %s: its state file is damaged (%s); it was moved to "
                    "%s/sessions/%s.json.damaged%s",
                    id, field, session->context->settings->state_dir, id,
                    r < 0 ? ", but that failed" : "");
}

/* A session that was recorded, and whose state is not there: a reap has ended it, or somebody took
 * the state away; then the log has it without a stop. */
static int close_acknowledged(struct session *session, const struct request *request) {
        int r;

        if (!ledger_has(session, request->session))
                return 1; /* ended long ago, or one that is left out of the log */
        r = late_resume(session, request);
        if (!r)
                session_say(session, LOG_ERR,
                            "session %s: its state file is gone; a new one was made from the log "
                            "and the kernel",
                            request->session);
        return r;
}

/*
 * A session whose state is not there. An open that may still come needs the lock; so it is given
 * back until none can come any more. Then the session is made up from what the module says now;
 * conntrack may still have all of its traffic.
 */
static int close_without_state(struct session *session, const struct request *request, bool waits) {
        uint64_t latest = request->opened_boottime + OPEN_LATEST;
        const char *field;
        int r;

        /* a reap may have found it, and given it an id of its own */
        r = foundadopt_session(session, request, waits ? CLOSE_PATIENCE : 0);
        if (r != FOUNDADOPT_E_NONE)
                return r < 0 ? r : r == FOUNDADOPT_E_OVER;
        if (statefolder_is_aside(session->folder_fd, request->session))
                return late_resume(session, request);
        if (request->acknowledged)
                return close_acknowledged(session, request);

        while (waits && !request->abandoned && clock_now(CLOCK_BOOTTIME) <= latest) {
                session->lock_fd = fd_close(session->lock_fd);
                clock_sleep(CLOSE_POLL_LONGEST);
                r = onesession_begin(session, session->context, session->folder_fd,
                                     session->sources, request->session, CLOSE_PATIENCE);
                if (!r)
                        r = statefolder_load(session->folder_fd, request->session, &session->state,
                                             &field);
                if (r != STATE_E_NOT_FOUND)
                        return r;
        }
        if (ledger_has(session, request->session))
                return 1;
        return late_record(session, request);
}

/* Get the session's state. Return: 0, 1 if there is nothing to close, or a negative errno. */
static int close_load(struct session *session, const struct request *request, bool waits) {
        const char *field;
        int r;

        r = statefolder_load(session->folder_fd, request->session, &session->state, &field);
        if (r == STATE_E_INVALID) {
                close_set_aside(session, request->session, field);
                r = late_resume(session, request);
        } else if (r == STATE_E_NOT_FOUND) {
                r = close_without_state(session, request, waits);
        }
        if (r < 0)
                session_say(session, LOG_ERR, "session %s: its state cannot be read: %s",
                            request->session, strerror(-r));
        return r;
}

/* What is known of the end goes to disk before anything is waited for. */
static void close_note(struct session *session, const struct request *request) {
        uint64_t closed = request->closed_boottime, now = clock_now(CLOCK_BOOTTIME);
        struct state *state = session->state;

        /* this helper may have begun long after; an earlier release of the module does not say */
        if (closed < request->opened_boottime || closed > now)
                closed = now;
        state->closed = true;
        state->closed_boottime = (int64_t)closed;
        if (request->info.known) {
                state->account.info = request->info;
                state->closed_tcp_state = request->info.state;
                state->closed_stalled = request->info.stalled;
                /* a reap has taken the last readings, when TCP could not be asked */
                if (state->concluded)
                        account_compare_last(&state->account, state->local.address.family);
        }
        subflows_close(session, request);
        (void)onesession_save(session, false);
}

/* Return: 0, 1 if there is nothing left to do, or a negative errno. */
static int close_resume(struct session *session) {
        int r = stop_resume(session);

        if (r > 0) {
                r = stop_clean(session);
                return r < 0 ? r : 1;
        }
        return r;
}

/**
 * close_take() - note that sshd has closed a session
 * @session:    the session, locked; gets its state
 * @request:    what the module said
 * @waits:      whether to wait for an open that may still come, where there is no state
 *
 * Return: 0, 1 if there is nothing left to do for it, or a negative errno, which has been reported.
 */
int close_take(struct session *session, const struct request *request, bool waits) {
        int r;

        r = close_load(session, request, waits);
        if (!r)
                r = close_resume(session);
        if (!r)
                close_note(session, request);
        return r;
}

static int close_run(struct session *session, const struct request *request) {
        int r;

        r = close_take(session, request, true);
        if (r)
                return r < 0 ? r : 0;
        if (close_wait(session))
                return stop_write(session);

        /* a reap ends it once the connection is over */
        (void)counting_check(session);
        return onesession_save(session, true);
}

/**
 * session_close() - close a session, once its connection has ended
 * @context:    the settings and the listeners
 * @request:    what the module said
 *
 * Takes as long as the connection needs to end, at most `linger` and some seconds. A connection
 * that is not over by then is left to session_reap().
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int session_close(const struct session_context *context, const struct request *request) {
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        _cleanup_(sources_close) struct sources sources = { 0 };
        _cleanup_(fd_closep) int folder_fd = -1;
        int r;

        r = context_folder(context, &folder_fd);
        if (r < 0)
                return r;
        r = sources_open(&sources, SOURCES_PATIENCE);
        if (!r)
                r = onesession_begin(&session, context, folder_fd, &sources, request->session,
                                     CLOSE_PATIENCE);
        if (r < 0) {
                context_report(
                        context, LOG_ERR,
                        "session %s: cannot be closed now; pam_traffic_helper reap will do it: %s",
                        request->session, statelock_reason(r));
                return r;
        }
        return close_run(&session, request);
}
