/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Counting a session.
 *
 * Owns: the offset, total = offset + rules.
 *
 * Every packet passes conntrack first and the rule a moment later (hook priorities -200 and -150,
 * linux/netfilter_ipv4.h), so that at any moment
 *      conntrack = offset + rules + (packets between the two).
 * A reading of the rules that is done before conntrack is read is never too large; hence
 * conntrack - rules is never below the offset, and the smallest of several is the best. It is
 * exact once two such readings, with the rules standing still around each, agree.
 * If traffic never pauses, the smallest stands until close, where conntrack settles it.
 */

#include "session/counting.h"

#include "pam_traffic/clock.h"

#include <string.h>
#include <syslog.h>

/* How long to wait for the lock of the tables: other people's commits take seconds at the worst. */
#define COUNTING_PATIENCE (60 * CLOCK_SECOND)

#define COUNTING_ROUNDS 20
#define COUNTING_PAUSE UINT64_C(1000)

static uint64_t counting_deadline(void) {
        return clock_now(CLOCK_MONOTONIC) + COUNTING_PATIENCE;
}

static const char *counting_reason(int r) {
        switch (r) {
        case BACKEND_E_UNAVAILABLE:
                return "this kernel does not have it, or it is not loaded: run `pam_traffic_helper "
                       "setup`";
        case BACKEND_E_BUSY:
                return "another program held the lock of the tables for a minute";
        case BACKEND_E_NOT_FOUND:
                return "its rules are gone: another program flushed the tables";
        case BACKEND_E_UNKNOWN:
                return "no backend of that name";
        default:
                return strerror(-r);
        }
}

static int counting_backend(struct session *session, const char *name) {
        return session->backend ? 0 : backend_new(name, &session->backend);
}

/* One direction while its offset is being fixed. */
struct counting_direction {
        bool known;
        bool exact;
        bool quiet_known; /* a quiet reading has been seen; the next one confirms it */
        struct counter quiet;
        struct counter offset;
};

static void counting_consider(struct counting_direction *direction, const struct counter *before,
                              const struct counter *conntrack, const struct counter *after) {
        struct counter offset;

        if (conntrack->packets < before->packets || conntrack->bytes < before->bytes)
                return; /* conntrack was reset: there is nothing to learn */
        offset = (struct counter){ conntrack->bytes - before->bytes,
                                   conntrack->packets - before->packets };

        if (!direction->known || offset.packets < direction->offset.packets)
                direction->offset = offset;
        direction->known = true;

        if (counter_equal(before, after)) {
                direction->exact = direction->quiet_known &&
                                   counter_equal(&direction->quiet, &offset) &&
                                   counter_equal(&direction->offset, &offset);
                direction->quiet = offset;
                direction->quiet_known = true;
        }
}

/* Read rules, conntrack, rules, until both directions are exact or the rounds are used up. */
static int counting_fix(struct session *session) {
        struct connection connection = session_connection(session);
        struct counting_direction in = { 0 }, out = { 0 };
        struct state *state = session->state;

        for (int i = 0; i < COUNTING_ROUNDS && !(in.exact && out.exact); i++) {
                struct traffic before, after;
                struct conntrack_entry entry;
                int r;

                if (i)
                        clock_sleep(COUNTING_PAUSE);
                r = session->backend->operations->read(session->backend, &connection,
                                                       counting_deadline(), &before);
                if (r)
                        return r;
                r = session_conntrack(session, &entry);
                if (r || !entry.has_counters)
                        break;
                r = session->backend->operations->read(session->backend, &connection,
                                                       counting_deadline(), &after);
                if (r)
                        return r;
                counting_consider(&in, &before.in, &entry.traffic.in, &after.in);
                counting_consider(&out, &before.out, &entry.traffic.out, &after.out);
        }

        if (in.known && out.known) {
                state->offset.known = true;
                state->offset.traffic = (struct traffic){ .in = in.offset, .out = out.offset };
                state->offset_exact = in.exact && out.exact;
        } else {
                /* without conntrack: what was there before the rules, as good as it is known */
                state->offset = state->preauth;
                state->offset_exact = false;
        }
        return 0;
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

/**
 * counting_start() - install the session's rules and fix their offset
 * @session:    the session, with its state, which gets backend and offset
 *
 * Return: 0, or a BACKEND_E_... or negative errno, which has been reported: then nothing counts
 *         but conntrack and TCP.
 */
int counting_start(struct session *session) {
        struct connection connection = session_connection(session);
        struct state *state = session->state;
        bool base = false;
        int r;

        r = counting_backend(session, session->context->settings->backend);
        if (!r)
                r = session->backend->operations->add(session->backend, &connection,
                                                      counting_deadline(), &base);
        if (!r) {
                state->backend = strdup(session->backend->operations->name);
                r = state->backend ? counting_fix(session) : -ENOMEM;
        }
        if (base)
                counting_enable_accounting(session);
        if (r)
                session_say(session, LOG_WARNING,
                            "session %s: no counting rules (backend %s): %s; conntrack and TCP "
                            "still count",
                            state->session, session->context->settings->backend,
                            counting_reason(r));
        return r;
}

/**
 * counting_read() - read the session's rules
 * @session:    the session, with its state
 * @ret_rules:  their counters; not known if they cannot be read, which has been reported
 *
 * Return: 0, or a BACKEND_E_... or negative errno.
 */
int counting_read(struct session *session, struct known_traffic *ret_rules) {
        struct connection connection = session_connection(session);
        int r;

        *ret_rules = (struct known_traffic){ 0 };
        if (!session->state->backend)
                return 0;

        r = counting_backend(session, session->state->backend);
        if (!r)
                r = session->backend->operations->read(session->backend, &connection,
                                                       counting_deadline(), &ret_rules->traffic);
        ret_rules->known = !r;
        if (r)
                session_say(session, LOG_WARNING, "session %s: its rules cannot be read: %s",
                            session->state->session, counting_reason(r));
        return r;
}

/**
 * counting_stop() - remove the session's rules
 * @session:    the session, with its state
 *
 * Return: 0, or a BACKEND_E_... or negative errno, which has been reported.
 */
int counting_stop(struct session *session) {
        struct connection connection = session_connection(session);
        struct traffic last;
        int r;

        if (!session->state->backend)
                return 0;

        r = counting_backend(session, session->state->backend);
        if (!r)
                r = session->backend->operations->remove(session->backend, &connection,
                                                         counting_deadline(), &last);
        if (r)
                session_say(session, LOG_WARNING, "session %s: its rules cannot be removed: %s",
                            session->state->session, counting_reason(r));
        return r;
}
