/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Starting to count a session that was opened: it makes the rules and the start record. No login
 * waits for it.
 *
 * Relies on: each step can be repeated by the process that finds the session half started. A close
 * or a reap does so if it gets the session's lock first.
 */

#include "session/start.h"

#include "base/clock.h"
#include "base/patience.h"
#include "reading/sources.h"
#include "session/counting.h"
#include "session/ledger.h"
#include "session/session.h"
#include "store/fields.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define START_PASSWD_ROOM 65536

/**
 * start_uid() - look up the user's uid
 * @state:      gets it, if it is known
 *
 * It may ask a directory service, which is why no login waits for it.
 */
void start_uid(struct state *state) {
        _cleanup_(freep) char *room = NULL;
        struct passwd passwd, *found = NULL;

        room = malloc(START_PASSWD_ROOM);
        if (room && !getpwnam_r(state->user, &passwd, room, START_PASSWD_ROOM, &found) && found)
                state->uid = found->pw_uid;
}

/**
 * start_session() - count a session, and write its start record
 * @session:    the session, with its state
 *
 * Does what has not been done yet.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int start_session(struct session *session) {
        struct state *state = session->state;
        struct sessionrecord_entry entry = {
                .event = "start",
                .realtime = (uint64_t)state->opened_realtime,
                .duration = FIELD_UNKNOWN,
        };
        struct known_traffic now;
        int counting = 0, r;

        if (state->seq)
                return 0;
        /* the start record speaks of the moment of the opening, whatever has flowed since */
        if (!state->excluded && !state->concluded)
                counting = counting_start(session);
        now = state->account.total;
        entry.complete = state->excluded || state->account.whole;
        if (state->preauth.known)
                state->account.total = state->preauth;
        start_uid(state);
        r = ledger_write(session, &entry);
        state->account.total = now;
        return counting > 0 ? -EIO : counting < 0 ? counting : r;
}

/**
 * session_start() - start to count a session that session_open() has recorded
 * @context:    the settings and the listener
 * @id:         the session id, valid
 *
 * Return: 0, also if somebody else has done it or does it now; or a negative errno, which has been
 *         reported.
 */
int session_start(const struct session_context *context, const char *id) {
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        _cleanup_(sources_close) struct sources sources = { 0 };
        _cleanup_(fd_closep) int folder_fd = -1;
        const char *field = NULL;
        int r;

        r = context_folder(context, &folder_fd);
        if (r < 0)
                return r;
        r = sources_open(&sources, SOURCES_PATIENCE);
        if (!r)
                r = onesession_begin(&session, context, folder_fd, &sources, id, START_PATIENCE);
        if (r == -ETIMEDOUT)
                return 0;
        if (!r)
                r = statefolder_load(folder_fd, id, &session.state, &field);
        if (r == STATE_E_NOT_FOUND)
                return 0;
        if (r) {
                context_report(context, LOG_ERR,
                               "session %s: cannot be counted now; pam_traffic_helper reap will do "
                               "it: %s%s",
                               id, r < 0 ? strerror(-r) : "its state file is damaged: ",
                               r < 0 ? "" : field);
                return r < 0 ? r : -EBADMSG;
        }
        return start_session(&session);
}
