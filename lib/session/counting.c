/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Counting a session: its two rules, and its account.
 *
 * Owns: when the sources are read, and what is done about the result: missing rules are put back,
 * and a source that lost something gets time until its offset is exact again.
 */

#include "session/counting.h"

#include "base/clock.h"
#include "session/patience.h"
#include "session/ports.h"
#include "session/sources.h"
#include "session/subflows.h"
#include "session/succession.h"
#include "store/fields.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

/* How many samples may pass until traffic pauses for one. */
#define COUNTING_ROUNDS 20

static void counting_report(const struct session *session, unsigned int findings, bool was_whole) {
        const char *id = session->state->session;

        if (findings & ACCOUNT_LOST && was_whole)
                session_say(session, LOG_WARNING,
                            "session %s: no source saw all of its traffic; its records are marked "
                            "incomplete",
                            id);
        else if (findings & ACCOUNT_RULES_LOST)
                session_say(session, LOG_WARNING,
                            "session %s: its rules were flushed or zeroed; conntrack has its "
                            "traffic",
                            id);
        else if (findings & ACCOUNT_CONNTRACK_LOST)
                session_say(session, LOG_WARNING,
                            "session %s: its conntrack entry was flushed or zeroed; its rules have "
                            "its traffic",
                            id);
        else if (findings & ACCOUNT_DIFFERENT)
                session_say(
                        session, LOG_WARNING,
                        "session %s: rules and conntrack differ, and TCP does not tell which is "
                        "right; conntrack counts, and its records are marked incomplete",
                        id);
        else if (findings & ACCOUNT_FOREIGN)
                session_say(session, LOG_NOTICE,
                            "session %s: its rules counted packets that TCP did not take (did "
                            "somebody else send them?); conntrack counts",
                            id);
        if (findings & ACCOUNT_STRANGE)
                session_say(session, LOG_WARNING,
                            "session %s: more was counted than its socket can have moved; its "
                            "records are marked incomplete",
                            id);
}

/**
 * counting_update() - take a reading into the account, and report what it finds
 * @session:    the session, with its state
 * @sample:     the reading
 * @expected:   ACCOUNT_..., findings that are no news
 *
 * Return: ACCOUNT_..., all findings.
 */
unsigned int counting_update(struct session *session, const struct sample *sample,
                             unsigned int expected) {
        struct state *state = session->state;
        bool was_whole = state->account.whole;
        unsigned int findings;

        findings = account_update(&state->account, sample, state->local.address.family);
        if (findings & ACCOUNT_PUT_OFF)
                return findings;
        subflows_check(session);
        state->seen_boottime = (int64_t)clock_now(CLOCK_BOOTTIME);
        /* what the entry had at the opening was not all of this connection */
        if (findings & ACCOUNT_STRANGE && !state->seq) {
                state->preauth.known = false;
                free(state->preauth_source);
                state->preauth_source = NULL;
        }
        counting_report(session, findings & ~expected, was_whole);
        return findings;
}

/* Take samples until both sources can stand in for each other, as a quiet one tells. */
static void counting_settle(struct session *session) {
        for (int i = 0; i < COUNTING_ROUNDS; i++) {
                struct sample sample;

                if (i)
                        clock_sleep(COUNTING_PAUSE);
                sources_sample(session, &sample);
                (void)counting_update(session, &sample, 0);
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

        if (!conntrack_accounting_get(proc_fd, &on) && !on &&
            !conntrack_accounting_set(proc_fd, true))
                session_say(session, LOG_NOTICE,
                            "net.netfilter.nf_conntrack_acct was off and is now on; run "
                            "`pam_traffic_helper setup` at boot, before sshd, so that the first "
                            "logins are counted from their first byte");
}

/* The state says which backend has rules before there are any: whoever finds the state of a helper
 * that was killed in between knows where to look for them. */
static int counting_choose(struct session *session, const char *name,
                           struct backend **ret_backend) {
        struct state *state = session->state;
        int r;

        r = sources_backend(session->sources, name, ret_backend);
        if (r || state->backend)
                return r;
        state->backend = strdup((*ret_backend)->operations->name);
        if (!state->backend)
                return -ENOMEM;
        (void)session_save(session, false);
        return 0;
}

/* A session without rules has none to take away: those that are there are somebody else's. */
static void counting_unchoose(struct session *session) {
        free(session->state->backend);
        session->state->backend = NULL;
}

/* Install rules that begin at 0: what counts for a session before it counts for no other. */
static int counting_start_fresh(struct session *session, struct backend *backend,
                                struct backend_made *made) {
        struct connection connection = sources_connection(session);
        int r;

        r = backend->operations->add(backend, &connection, true, sources_deadline(session->sources),
                                     made);
        if (r != BACKEND_E_EXISTS)
                return r;
        r = succession_take(session, backend);
        if (r == SUCCESSION_E_FOLLOWED) {
                session->state->followed = true;
                session->state->concluded = true;
                account_spoil(&session->state->account, ACCOUNT_CAUSE_FOLLOWED);
                return BACKEND_E_EXISTS;
        }
        if (!r)
                r = backend->operations->add(backend, &connection, false,
                                             sources_deadline(session->sources), made);
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
        struct connection connection = sources_connection(session);
        struct state *state = session->state;
        const char *name = state->backend ? state->backend : session->context->settings->backend;
        struct backend *backend;
        struct backend_made made = { 0 };
        bool chosen = !state->backend;
        uint64_t before = clock_now(CLOCK_BOOTTIME);
        int r;

        r = counting_choose(session, name, &backend);
        if (!r)
                r = state->seq ? backend->operations->add(backend, &connection, false,
                                                          sources_deadline(session->sources), &made)
                               : counting_start_fresh(session, backend, &made);
        if (r == BACKEND_E_EXISTS)
                return 0; /* it is over, and nothing more is to be read of it */
        /* a part of it was missing: none could be used */
        if (r == BACKEND_E_UNAVAILABLE && chosen)
                counting_unchoose(session);
        if (r)
                session_say(session, LOG_WARNING,
                            "session %s: no counting rules (backend %s): %s; conntrack and TCP "
                            "still count",
                            state->session, name, sources_backend_reason(r));
        counting_settle(session);
        if (!state->seq && state->account.cause == ACCOUNT_CAUSE_FOREIGN)
                succession_claim(session);
        if (!r)
                ports_note(session, &made, before);
        if (made.base)
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

        if (!sources_glance(session, &sample))
                sources_sample(session, &sample);
        findings = counting_update(session, &sample, 0);
        if (sample.busy) {
                sources_say_busy(session);
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
        struct backend *backend;
        size_t own = 0;
        int r;

        if (!name)
                return 0;
        connections = calloc(n, sizeof(*connections));
        if (!connections)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (!sessions[i]->state->followed && session_is_here(sessions[i]))
                        connections[own++] = sources_connection(sessions[i]);
        if (!own)
                return 0;

        r = sources_backend(sessions[0]->sources, name, &backend);
        if (!r)
                r = backend->operations->remove_many(backend, connections, own,
                                                     sources_deadline(sessions[0]->sources));
        if (r == BACKEND_E_UNAVAILABLE)
                return 0;
        if (r)
                session_say(sessions[0], LOG_WARNING,
                            "session %s: its rules%s cannot be removed (backend %s): %s",
                            sessions[0]->state->session, own > 1 ? " and those of others" : "",
                            name, sources_backend_reason(r));
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
