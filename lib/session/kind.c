/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a session is for, in its state.
 *
 * Owns: when somebody looks: often in the first second after the login, which catches most of
 * those that are short, and at each reap, as a connection may get to be for more. What is over
 * between two looks is not known.
 */

#include "session/kind.h"

#include "base/clock.h"
#include "base/patience.h"
#include "net/loginkind.h"
#include "session/session.h"
#include "store/fields.h"

#include <unistd.h>

/* When it was looked, in the unit of proc(5). */
static uint64_t kind_ticks(const struct offspring *offspring) {
        return offspring->boottime * (uint64_t)sysconf(_SC_CLK_TCK) / CLOCK_SECOND;
}

static bool kind_add(struct state *state, unsigned int kinds) {
        int64_t before = state->kinds;

        state->kinds = (before > 0 ? before : 0) | kinds;
        return state->kinds != (before > 0 ? before : 0);
}

/**
 * kind_look() - note what a session that lives is for now
 * @session:    the session, with its state
 * @offspring:  which processes are whose children
 *
 * Return: whether that is new; the state is to be saved.
 */
bool kind_look(struct session *session, const struct offspring *offspring) {
        struct state *state = session->state;
        int64_t age = (int64_t)offspring->boottime - state->opened_boottime;

        return onesession_pid_lives(session) &&
               kind_add(state, loginkind_look(offspring, (pid_t)state->pid, !state->uid,
                                              kind_ticks(offspring), age >= KIND_SETTLED));
}

static bool kind_is_open(const struct session_context *context, int folder_fd,
                         const struct state *state) {
        _cleanup_(state_freep) struct state *now = NULL;
        const char *field;

        return context_pid_started(context, (pid_t)state->pid) == state->pid_started &&
               !statefolder_load(folder_fd, state->session, &now, &field);
}

/* Look until something is seen, or the session is over. Return: what; 0: nothing was. */
static unsigned int kind_wait(const struct session_context *context, int folder_fd,
                              const struct state *state) {
        pid_t pid = (pid_t)state->pid;
        unsigned int kinds = 0;

        for (int looks = 0; looks < KIND_LOOKS && !kinds; looks++) {
                _cleanup_(offspring_clear) struct offspring offspring = { 0 };

                clock_sleep(KIND_PAUSE);
                if (!kind_is_open(context, folder_fd, state))
                        break;
                if (!offspring_read_of(context->proc_fd, pid, &offspring))
                        kinds = loginkind_look(&offspring, pid, !state->uid, kind_ticks(&offspring),
                                               false);
        }
        return kinds;
}

/**
 * kind_watch() - watch what a session that has just begun is for
 * @context:    the settings and the listener
 * @id:         the session id, valid
 *
 * It holds no lock while it waits; the session may be over before it is.
 *
 * Return: 0, or a negative errno.
 */
int kind_watch(const struct session_context *context, const char *id) {
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        _cleanup_(fd_closep) int folder_fd = -1;
        const char *field = NULL;
        unsigned int kinds = 0;
        int r;

        r = context_folder(context, &folder_fd);
        if (!r)
                r = statefolder_load(folder_fd, id, &session.state, &field);
        if (!r)
                kinds = kind_wait(context, folder_fd, session.state);
        if (r || !kinds)
                return r < 0 ? r : 0;

        session.state = state_free(session.state);
        r = onesession_begin(&session, context, folder_fd, NULL, id, START_PATIENCE);
        if (!r)
                r = statefolder_load(folder_fd, id, &session.state, &field);
        if (!r && kind_add(session.state, kinds))
                r = onesession_save(&session, false);
        return r < 0 ? r : 0;
}
