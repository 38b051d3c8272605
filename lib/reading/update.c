/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Adding a reading to a session's account.
 *
 * Owns: the messages about what the account finds.
 */

#include "reading/update.h"

#include "base/clock.h"
#include "reading/subflows.h"

#include <stdlib.h>
#include <syslog.h>

static void update_report(const struct session *session, unsigned int findings, bool was_whole) {
        const char *id = session->state->session;

        if (session->state->excluded)
                return;
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
 * update_account() - add a reading to the account, and report what it finds
 * @session:    the session, with its state
 * @sample:     the reading
 * @expected:   ACCOUNT_..., findings that are not reported again
 *
 * Return: ACCOUNT_..., all findings.
 */
unsigned int update_account(struct session *session, const struct sample *sample,
                            unsigned int expected) {
        struct state *state = session->state;
        bool was_whole = state->account.whole;
        unsigned int findings;

        findings = account_update(&state->account, sample, state->local.address.family);
        if (findings & ACCOUNT_PUT_OFF)
                return findings;
        subflows_check(session);
        state->seen_boottime = (int64_t)clock_now(CLOCK_BOOTTIME);
        /* at the opening, the entry had not counted the whole connection */
        if (findings & ACCOUNT_STRANGE && !state->seq) {
                state->preauth.known = false;
                free(state->preauth_source);
                state->preauth_source = NULL;
        }
        update_report(session, findings & ~expected, was_whole);
        return findings;
}
