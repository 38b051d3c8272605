/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Counting a session: its two rules, and its account.
 *
 * Owns: when readings are taken, and what is done about what the account finds: rules that vanished
 * are put back, a source that lost something is given time to be settled again.
 */

#include "session/counting.h"

#include "pam_traffic/clock.h"
#include "session/ports.h"
#include "session/sources.h"
#include "session/subflows.h"
#include "store/fields.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

/* How many samples may pass until traffic pauses for one. */
#define COUNTING_ROUNDS 20
#define COUNTING_PAUSE UINT64_C(1000)

/* How long the counters must stand still after the end, at the least and at the most. */
#define COUNTING_SETTLE_LEAST UINT64_C(20000)
#define COUNTING_SETTLE_MOST CLOCK_SECOND

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
                session_say(session, LOG_WARNING,
                            "session %s: rules and conntrack differ; the larger counts (was one "
                            "of them zeroed?)",
                            id);
}

/* expected: findings that are no news. */
static unsigned int counting_update(struct session *session, const struct sample *sample,
                                    unsigned int expected) {
        struct state *state = session->state;
        bool was_whole = state->account.whole;
        unsigned int findings;

        findings = account_update(&state->account, sample, state->local.address.family);
        subflows_check(session);
        state->seen_boottime = (int64_t)clock_now(CLOCK_BOOTTIME);
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
                r = backend->operations->add(backend, &connection, sources_deadline(), &made);
        if (r == BACKEND_E_UNAVAILABLE && chosen) {
                /* a part of it was missing: none could be used */
                free(state->backend);
                state->backend = NULL;
        }
        if (r)
                session_say(session, LOG_WARNING,
                            "session %s: no counting rules (backend %s): %s; conntrack and TCP "
                            "still count",
                            state->session, name, sources_backend_reason(r));
        counting_settle(session);
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

/* How long the end of a connection took, from when sshd closed the session; 0 if that was so long
 * ago that nothing of it can be on its way any more. */
static uint64_t counting_end_took(const struct session *session) {
        int64_t closed = session->state->closed_boottime;
        uint64_t now = clock_now(CLOCK_BOOTTIME);

        if (closed == FIELD_UNKNOWN || (uint64_t)closed > now ||
            now - (uint64_t)closed > session->context->settings->linger)
                return 0;
        return now - (uint64_t)closed;
}

/**
 * counting_patience() - how long the counters of a session that is over must stand still
 * @session:    the session, with its state
 *
 * A packet that was on its way when the connection ended (a repeated FIN, data that meets a RST) is
 * at most a round trip behind: the counters have to stand still for two. And for as long as the end
 * took: a FIN that was repeated meanwhile is answered as late as the first one was.
 *
 * Return: microseconds.
 */
uint64_t counting_patience(const struct session *session) {
        const struct tcpinfo *info = &session->state->account.info;
        uint64_t settle = counting_end_took(session);

        if (info->min_rtt_us != TCPINFO_RTT_UNKNOWN && settle < 2 * (uint64_t)info->min_rtt_us)
                settle = 2 * (uint64_t)info->min_rtt_us; /* 0: not known */
        if (settle < COUNTING_SETTLE_LEAST)
                settle = COUNTING_SETTLE_LEAST;
        return settle > COUNTING_SETTLE_MOST ? COUNTING_SETTLE_MOST : settle;
}

/**
 * counting_conclude() - take the last readings into the account
 * @session:    the session, with its state
 * @sample:     the readings
 *
 * Rules that met no packet at all, of a connection that has ended since, were zeroed (a commit of
 * iptables that was killed leaves that behind), if there is no conntrack entry to tell otherwise.
 */
void counting_conclude(struct session *session, const struct sample *sample) {
        static const struct traffic none;

        /* the entry of a connection that is over goes by itself after some seconds */
        (void)counting_update(session, sample,
                              sample->conntrack.known ? 0 : ACCOUNT_CONNTRACK_LOST);
        if (!sample->conntrack.known && sample->rules.known &&
            traffic_equal(&sample->rules.traffic, &none))
                session->state->account.whole = false;
}

/**
 * counting_finish() - take the last readings of a session whose connection is over
 * @session:    the session, with its state
 *
 * Where conntrack stands still, and the rules say the same, they are read but once.
 */
void counting_finish(struct session *session) {
        uint64_t settle = counting_patience(session);
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + 2 * COUNTING_SETTLE_MOST;
        struct sample sample, last;

        sources_peek(session, &last);
        clock_sleep(settle);
        sources_sample(session, &sample);
        if (!sample.quiet || !traffic_equal(&last.conntrack.traffic, &sample.conntrack.traffic) ||
            !account_sources_agree(&session->state->account, &sample))
                do {
                        last = sample;
                        clock_sleep(settle);
                        sources_sample(session, &sample);
                } while (!account_stands_still(&last, &sample) &&
                         clock_now(CLOCK_MONOTONIC) < deadline);
        counting_conclude(session, &sample);
}

/**
 * counting_stop_many() - remove the rules of sessions, in one change where that can be
 * @sessions:   the sessions, with their states; all have the same sources and the same backend
 * @n:          how many, at least one
 *
 * Return: 0, also if they are gone, or a BACKEND_E_... or negative errno, which has been reported.
 */
int counting_stop_many(struct session *const *sessions, size_t n) {
        const char *name = sessions[0]->state->backend;
        _cleanup_(freep) struct connection *connections = NULL;
        struct backend *backend;
        int r;

        if (!name)
                return 0;
        connections = calloc(n, sizeof(*connections));
        if (!connections)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                connections[i] = sources_connection(sessions[i]);

        r = sources_backend(sessions[0]->sources, name, &backend);
        if (!r)
                r = backend->operations->remove_many(backend, connections, n, sources_deadline());
        if (r == BACKEND_E_UNAVAILABLE)
                return 0;
        if (r)
                session_say(sessions[0], LOG_WARNING,
                            "session %s: its rules%s cannot be removed (backend %s): %s",
                            sessions[0]->state->session, n > 1 ? " and those of others" : "", name,
                            sources_backend_reason(r));
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
