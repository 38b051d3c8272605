/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The last readings of a session whose connection is over.
 *
 * Owns: how long the counters must stand still.
 */

#include "session/lastreading.h"

#include "account/bounds.h"
#include "base/clock.h"
#include "base/patience.h"
#include "reading/ownsocket.h"
#include "reading/sources.h"
#include "reading/update.h"
#include "session/forgo.h"
#include "session/succession.h"
#include "store/fields.h"

#include <netinet/tcp.h>
#include <syslog.h>

/* How long the end of a connection took, from when sshd closed the session; 0 if that was so long
 * ago that nothing of it can be on its way any more. */
static uint64_t lastreading_end_took(const struct session *session) {
        int64_t closed = session->state->closed_boottime;
        uint64_t now = clock_now(CLOCK_BOOTTIME);

        if (closed == FIELD_UNKNOWN || (uint64_t)closed > now ||
            now - (uint64_t)closed > session->context->settings->linger)
                return 0;
        return now - (uint64_t)closed;
}

/**
 * lastreading_patience() - how long the counters of a session that is over must stand still
 * @session:    the session, with its state
 *
 * A packet that was on its way when the connection ended (a repeated FIN, data that meets a RST) is
 * at most a round trip behind: the counters have to stand still for two. And for as long as the end
 * took: a FIN that was repeated meanwhile is answered as late as the first one was.
 *
 * Return: microseconds.
 */
uint64_t lastreading_patience(const struct session *session) {
        const struct tcpinfo *info = &session->state->account.info;
        uint64_t settle = lastreading_end_took(session);

        if (info->min_rtt_us != TCPINFO_RTT_UNKNOWN && settle < 2 * (uint64_t)info->min_rtt_us)
                settle = 2 * (uint64_t)info->min_rtt_us; /* 0: not known */
        if (settle < LASTREADING_SETTLE_LEAST)
                settle = LASTREADING_SETTLE_LEAST;
        return settle > LASTREADING_SETTLE_MOST ? LASTREADING_SETTLE_MOST : settle;
}

/* What the next connection has moved, by conntrack: the entry is another one than the session's,
 * which began with a SYN, or has no more than TCP says of that connection. An entry that takes the
 * memory of the one before may have its id. */
static struct known_traffic lastreading_moved(const struct session *session,
                                              const struct sample *sample,
                                              const struct tcpinfo *follower) {
        int64_t own = session->state->account.conntrack_id;
        bool other = own >= 0 && own != sample->conntrack_id && !sample->picked_up;
        struct bounds bounds;

        bounds_of(&bounds, session->state->local.address.family, follower, follower, false);
        if (other || (follower->known && bounds_explain(&bounds, &sample->conntrack.traffic)))
                return sample->conntrack;
        return (struct known_traffic){ 0 };
}

/* Of what the rules have counted, take what is not the next connection's. Conntrack was read before
 * the rules: rather too little is taken away. */
static void lastreading_share(struct session *session, const struct sample *sample) {
        struct sockdiag_socket follower = { 0 };
        struct known_traffic own = sample->rules, moved;

        if (!ownsocket_follower(session, &follower))
                follower.info.known = false;
        if (succession_is_followed(session)) {
                session->state->followed = true;
                own.known = false;
        }
        moved = lastreading_moved(session, sample, &follower.info);
        forgo_readings(session, &own, &moved, &follower.info);
}

/* What the rules know is not given up because somebody else has the tables. */
static int lastreading_put_off(const struct session *session) {
        sourceswait_say_busy(session);
        return LASTREADING_PUT_OFF;
}

/**
 * lastreading_yield() - take last readings, if the next connection has the addresses and ports
 * @session:    the session, with its state; its connection is over
 *
 * Return: 0 if none has: then lastreading_finish() is to be called; else LASTREADING_...
 */
int lastreading_yield(struct session *session) {
        struct sockdiag_socket follower;
        struct sample sample;

        if (!ownsocket_follower(session, &follower))
                return 0;
        (void)sources_read_quiet(session, &sample);
        if (sample.busy && session->state->account.rules_offset.known)
                return lastreading_put_off(session);
        lastreading_share(session, &sample);
        return LASTREADING_TAKEN;
}

/* Whether nothing more can have come in after TCP was asked for the last time: the client had sent
 * its FIN, or there was a RST. What was unsent may still have gone out. */
static bool lastreading_is_final(const struct account *account) {
        switch (account->info.known ? account->info.state : 0) {
        case TCP_CLOSE:
        case TCP_CLOSE_WAIT:
        case TCP_LAST_ACK:
        case TCP_CLOSING:
                return true;
        default:
                return false;
        }
}

/**
 * lastreading_conclude() - take the last readings into the account
 * @session:    the session, with its state
 * @sample:     the readings
 *
 * Rules that met no packet at all, of a connection that has ended since, were zeroed (a commit of
 * iptables that was killed leaves that behind), if there is no conntrack entry to tell otherwise.
 *
 * Return: LASTREADING_...
 */
int lastreading_conclude(struct session *session, const struct sample *sample) {
        static const struct traffic none;
        struct account *account = &session->state->account;
        struct sample last = *sample;
        const bool asked = session->state->closed_tcp_state != FIELD_UNKNOWN;
        unsigned int findings, expected;
        /* it may have come after the readings */
        int r = lastreading_yield(session);

        if (r)
                return r;
        last.last = true;
        if (asked && lastreading_is_final(account))
                last.after = account->info;
        /* the entry of a connection that is over goes by itself after some seconds */
        expected = sample->conntrack.known ? 0 : ACCOUNT_CONNTRACK_LOST;
        findings = update_account(session, &last, expected) & ~expected;
        if (findings & ACCOUNT_PUT_OFF)
                return lastreading_put_off(session);
        /* rules that are others now, and an entry, too: there may have been another connection. One
         * that was picked up again after a flush is none; it would have begun with its SYN. And who
         * asked TCP when sshd closed would miss its payload in another's entry. */
        if ((findings & ACCOUNT_RULES_LOST && !asked) ||
            (findings & ACCOUNT_CONNTRACK_LOST && !sample->picked_up &&
             !(asked && account_is_tight(account, session->state->local.address.family))))
                account_spoil(account, ACCOUNT_CAUSE_FOLLOWED);
        if (!sample->conntrack.known && sample->rules.known &&
            traffic_equal(&sample->rules.traffic, &none))
                account_spoil(account, ACCOUNT_CAUSE_LOST);
        /* what it had at its begin may be another connection's */
        if (!account->proven)
                account_spoil(account, ACCOUNT_CAUSE_BEGIN);
        return LASTREADING_TAKEN;
}

/**
 * lastreading_finish() - take the last readings of a session whose connection is over
 * @session:    the session, with its state
 *
 * Where conntrack stands still, and the rules say the same, they are read but once.
 *
 * Return: LASTREADING_...
 */
int lastreading_finish(struct session *session) {
        uint64_t settle = lastreading_patience(session);
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + 2 * LASTREADING_SETTLE_MOST;
        struct sample sample, last;
        int r = lastreading_yield(session);

        if (r)
                return r;
        (void)sources_read(session, SOURCES_WITHOUT_RULES, &last);
        clock_sleep(settle);
        (void)sources_read(session, SOURCES_AT_ONCE, &sample);
        if (!sample.quiet || !traffic_equal(&last.conntrack.traffic, &sample.conntrack.traffic) ||
            !account_sources_agree(&session->state->account, &sample))
                do {
                        last = sample;
                        clock_sleep(settle);
                        (void)sources_read(session, SOURCES_AT_ONCE, &sample);
                } while (!account_stands_still(&last, &sample) &&
                         clock_now(CLOCK_MONOTONIC) < deadline);
        return lastreading_conclude(session, &sample);
}
