/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Counting a session: its two rules, and its account.
 *
 * Owns: when the sources are read, and what is done about the result: missing rules are put back,
 * and a source that lost something gets time until its offset is exact again.
 */

#include "session/counting.h"

#include "base/clock.h"
#include "base/patience.h"
#include "netfilter/changes.h"
#include "netfilter/conntrack.h"
#include "reading/sources.h"
#include "reading/update.h"
#include "session/succession.h"
#include "session/tables.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

/* How many samples may pass until traffic pauses for one. */
#define COUNTING_ROUNDS 20

/* Take samples until both sources can stand in for each other, as a quiet one tells. */
static void counting_settle(struct session *session) {
        for (int i = 0; i < COUNTING_ROUNDS; i++) {
                struct sample sample;

                if (i)
                        clock_sleep(COUNTING_PAUSE);
                (void)sources_read(session, SOURCES_AT_ONCE, &sample);
                (void)update_account(session, &sample, 0);
                if ((sample.quiet && account_is_settled(&session->state->account)) ||
                    !sample.conntrack.known || !sample.rules.known)
                        return;
        }
}

/* The first rules of a network namespace turn conntrack on; its counters have a switch of their
 * own, which pays from the next connection on. */
static void counting_enable_accounting(struct session *session) {
        int proc_fd = session->context->proc_fd;
        bool on = false;

        if (!conntrack_sysctl_accounting(proc_fd, &on) && !on &&
            !conntrack_sysctl_set_accounting(proc_fd, true))
                session_say(session, LOG_NOTICE,
                            "net.netfilter.nf_conntrack_acct was off and is now on; run "
                            "`pam_traffic_helper setup` at boot, before sshd, so that the first "
                            "logins are counted from their first byte");
}

/* The state says which backend has rules before there are any: whoever finds the state of a helper
 * that was killed in between knows where to look for them. */
static int counting_choose(struct session *session, const char *name) {
        struct state *state = session->state;
        struct sources_backend *place;
        int r;

        r = sources_backend(session->sources, name, &place);
        if (r || state->backend)
                return r;
        state->backend = strdup(place->backend->operations->name);
        if (!state->backend)
                return -ENOMEM;
        (void)onesession_save(session, false);
        return 0;
}

/* A session without rules has none to take away: those that are there are somebody else's. */
static void counting_unchoose(struct session *session) {
        free(session->state->backend);
        session->state->backend = NULL;
}

/* Install rules that begin at 0: what counts for a session before it counts for no other. */
static int counting_start_fresh(struct session *session, bool *ret_base) {
        int r = tables_add(session, true, ret_base);

        if (r != BACKEND_E_EXISTS)
                return r;
        r = succession_take(session);
        if (r == SUCCESSION_E_FOLLOWED) {
                session->state->followed = true;
                session->state->concluded = true;
                account_spoil(&session->state->account, ACCOUNT_CAUSE_FOLLOWED);
                return BACKEND_E_EXISTS;
        }
        if (!r)
                r = tables_add(session, false, ret_base);
        if (r)
                counting_unchoose(session);
        return r;
}

/**
 * counting_start() - install the session's rules where they are missing, and settle the account
 * @session:    the session, with its state, which gets the backend
 *
 * Return: 0, or a BACKEND_E_... or negative errno, which has been reported: then nothing counts
 *         but conntrack and TCP.
 */
int counting_start(struct session *session) {
        struct state *state = session->state;
        const char *name = state->backend ? state->backend : session->context->settings->backend;
        bool chosen = !state->backend, base = false;
        int r;

        r = counting_choose(session, name);
        if (!r)
                r = state->seq ? tables_add(session, false, &base)
                               : counting_start_fresh(session, &base);
        if (r == BACKEND_E_EXISTS)
                return 0; /* it is over, and nothing more is to be read of it */
        /* a part of it was missing: none could be used */
        if (r == BACKEND_E_UNAVAILABLE && chosen)
                counting_unchoose(session);
        if (r)
                session_say(session, LOG_WARNING,
                            "session %s: no counting rules (backend %s): %s; conntrack and TCP "
                            "still count",
                            state->session, name, sourceswait_reason(r));
        counting_settle(session);
        if (!state->seq && state->account.cause == ACCOUNT_CAUSE_FOREIGN)
                succession_claim(session);
        if (base)
                counting_enable_accounting(session);
        return r;
}

/**
 * counting_check() - bring a living session's account up to date
 * @session:    the session, with its state
 *
 * Takes one look where all is well. Rules that are gone are put back, and whatever leads to them.
 *
 * Return: 0, or a BACKEND_E_... or negative errno, which has been reported.
 */
int counting_check(struct session *session) {
        struct account *account = &session->state->account;
        unsigned int findings;
        struct sample sample;

        if (!session->state->backend)
                (void)sources_read(session, SOURCES_WITHOUT_RULES, &sample);
        else if (!sources_read(session, SOURCES_SNAPSHOT, &sample))
                (void)sources_read(session, SOURCES_AT_ONCE, &sample);
        findings = update_account(session, &sample, 0);
        if (sample.busy) {
                sourceswait_say_busy(session);
                return BACKEND_E_BUSY;
        }
        /* without a backend from the start there are none to put back */
        if (!sample.rules.known)
                return session->state->backend ? counting_start(session) : 0;
        /* the jump to the rules may be gone, or what keeps conntrack on */
        if (findings)
                return counting_start(session);
        if (!account_is_settled(account) && account->whole)
                counting_settle(session);
        return 0;
}

/**
 * counting_stop_many() - remove the rules of sessions, in one change where that can be; but not
 * those that a later session has
 * @sessions:   the sessions, with their states; all have the same sources and the same backend
 * @n:          how many, at least one
 *
 * Return: 0, also if they are gone, or a BACKEND_E_... or negative errno, which has been reported.
 */
int counting_stop_many(struct session *const *sessions, size_t n) {
        const char *name = sessions[0]->state->backend;
        _cleanup_(freep) struct connection *connections = NULL;
        size_t own = 0;
        int r;

        if (!name)
                return 0;
        connections = calloc(n, sizeof(*connections));
        if (!connections)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (!sessions[i]->state->followed && onesession_is_here(sessions[i]))
                        connections[own++] = sources_connection(sessions[i]);
        if (!own)
                return 0;

        r = tables_remove_many(sessions[0]->sources, name, connections, own);
        if (r)
                session_say(sessions[0], LOG_WARNING,
                            "session %s: its rules%s cannot be removed (backend %s): %s",
                            sessions[0]->state->session, own > 1 ? " and those of others" : "",
                            name, sourceswait_reason(r));
        /* another release had it: nobody here will ever know how */
        return r == BACKEND_E_UNKNOWN ? 0 : r;
}

/**
 * counting_stop() - remove the session's rules
 * @session:    the session, with its state
 *
 * Return: as counting_stop_many().
 */
int counting_stop(struct session *session) {
        return counting_stop_many(&session, 1);
}
