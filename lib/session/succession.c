/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Rules that a session finds in its place, and whose they are.
 *
 * Owns: that a session's rules begin at 0. Rules are found by addresses and ports, and may still
 * exist when their socket is gone: the socket of a stopped sshd, or one whose end nobody has
 * recorded yet. The next connection with the same addresses and ports takes over the place, under
 * the lock of the earlier session. That session gets what the rules have counted for it, and does
 * not use the rules any more.
 * Relies on: a session waits for an earlier one and never the other way round, so two sessions
 * never wait for each other.
 */

#include "session/succession.h"

#include "base/clock.h"
#include "base/patience.h"
#include "reading/ownsocket.h"
#include "reading/sources.h"
#include "session/forgo.h"
#include "session/tables.h"

#include <errno.h>
#include <string.h>

/* Whether a session has the rules of these addresses and ports. */
static bool succession_has(const struct state *state, const struct state *of) {
        return state->backend && of->backend && !state->followed && state->netns == of->netns &&
               !strcmp(state->boot_id, of->boot_id) && !strcmp(state->backend, of->backend) &&
               address_endpoint_equal(&state->local, &of->local) &&
               address_endpoint_equal(&state->remote, &of->remote) &&
               strcmp(state->session, of->session);
}

/* The latest of the sessions that have the rules; started: of those that have begun to count.
 * Return: 0, STATE_E_NOT_FOUND if none has, or a negative errno. */
static int succession_find(const struct session *session, bool started,
                           char ret_id[static UUID_TEXT_MAX], int64_t *ret_opened) {
        _cleanup_(freep) char(*sessions)[UUID_TEXT_MAX] = NULL;
        bool found = false;
        size_t n;
        int r;

        r = statefolder_list(session->folder_fd, &sessions, &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++) {
                _cleanup_(state_freep) struct state *state = NULL;
                const char *field;

                if (statefolder_load(session->folder_fd, sessions[i], &state, &field) ||
                    !succession_has(state, session->state) || (started && !state->seq))
                        continue;
                if (found && state->opened_boottime <= *ret_opened)
                        continue;
                found = true;
                *ret_opened = state->opened_boottime;
                memcpy(ret_id, sessions[i], UUID_TEXT_MAX);
        }
        return found ? 0 : STATE_E_NOT_FOUND;
}

/* The readings of the rules, and of the session that takes over their place. */
struct succession_readings {
        struct known_traffic rules;
        struct known_traffic moved; /* by conntrack, at the same moment */
        struct tcpinfo info;        /* read after the rules */
};

/* Take the rules away from one session. The readings of the rules are known if they are its own. */
static int succession_take_from(const struct session *session, const char *id,
                                const struct succession_readings *readings) {
        _cleanup_(onesession_end) struct session before = SESSION_INIT;
        uint64_t patience = session->sources->all ? 0 : SUCCESSION_PATIENCE;
        const char *field;
        int r;

        r = onesession_begin(&before, session->context, session->folder_fd, session->sources, id,
                             patience);
        if (!r)
                r = statefolder_load(session->folder_fd, id, &before.state, &field);
        if (r == STATE_E_NOT_FOUND)
                return 0; /* it was just ended, and its rules are gone */
        if (r)
                return r < 0 ? r : -EBADMSG;
        if (!succession_has(before.state, session->state))
                return 0;
        if (!before.state->concluded)
                forgo_readings(&before, &readings->rules, &readings->moved, &readings->info);
        before.state->followed = true;
        return onesession_save(&before, true);
}

/**
 * succession_is_followed() - tell whether the rules of a session's place are a later session's
 * @session:    the session, with its state
 *
 * As a rule that one said so in the state (succession_take()). It found no rules to take over if
 * somebody had flushed them. To be asked only where another connection has the place: it reads all
 * states.
 *
 * Return: true if there is one that was opened later and has started.
 */
bool succession_is_followed(const struct session *session) {
        char id[UUID_TEXT_MAX];
        int64_t opened;

        return !succession_find(session, true, id, &opened) &&
               opened >= session->state->opened_boottime;
}

/* Take the place of all sessions before. The rules have counted for the latest of them. Return: as
 * succession_take(). */
static int succession_take_all(struct session *session, struct succession_readings *readings) {
        struct sockdiag_socket socket;
        char id[UUID_TEXT_MAX];
        int64_t opened;
        int r;

        readings->info = session->state->account.info;
        if (!ownsocket_get(session, &socket) && socket.info.known)
                readings->info = socket.info;
        while (!(r = succession_find(session, false, id, &opened))) {
                if (opened > session->state->opened_boottime)
                        return SUCCESSION_E_FOLLOWED;
                r = succession_take_from(session, id, readings);
                if (r < 0)
                        return r;
                readings->rules.known = false; /* they counted for one */
        }
        return r < 0 ? r : 0;
}

/**
 * succession_claim() - end the readings of sessions that have the place, where there are no rules
 * @session:    the session, with its state
 *
 * Conntrack's entry has more than this session has moved: it is still that of one before, and what
 * is in it from now on is not that one's. To be asked only then: it reads all states.
 */
void succession_claim(struct session *session) {
        (void)succession_take_all(session, &(struct succession_readings){ 0 });
}

/* Read the rules and, if that can be at the same moment, what conntrack has counted of the session
 * itself: of an entry that is its own, and has seen all of it. Its socket may be gone: then TCP
 * would tell only what it had moved when the session was opened. Return: whether the rules can be
 * read. */
static bool succession_read(struct session *session, struct succession_readings *readings) {
        const struct account *account = &session->state->account;
        struct sample sample;

        (void)sources_read_quiet(session, &sample);
        *readings = (struct succession_readings){ .rules = sample.rules };
        if (sample.quiet && account->proven && account->conntrack_whole &&
            account->conntrack_id == sample.conntrack_id)
                readings->moved = sample.conntrack;
        return !sample.busy;
}

/**
 * succession_take() - make room for the rules of a session where there are some already
 * @session:    the session, with its state
 *
 * Who had them keeps what they have counted for him. They may be nobody's, too, or the session's
 * own, from a helper that was killed.
 *
 * Return: 0, then there are none; SUCCESSION_E_FOLLOWED; -ETIMEDOUT if the session before is being
 *         worked on; a BACKEND_E_..., or another negative errno.
 */
int succession_take(struct session *session) {
        struct succession_readings readings;
        int r;

        if (!succession_read(session, &readings))
                return BACKEND_E_BUSY; /* what they have counted is still to be read */
        r = succession_take_all(session, &readings);
        return r ? r : tables_remove(session);
}
