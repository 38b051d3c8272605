/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Ending a session.
 *
 * Owns: what ended a connection, and the order in which a session is removed: last readings, stop
 * record, rules, state. Each step is repeated by the next process that finds it undone
 * (docs/records.md, "What is left to do").
 * Relies on: conntrack's state goes to TIME_WAIT with the last ACK of the FIN exchange and to CLOSE
 * with a RST (nf_conntrack_proto_tcp.c); it remembers whose FIN came first.
 */

#include "session/stop.h"

#include "base/clock.h"
#include "reading/ownsocket.h"
#include "reading/sources.h"
#include "reading/subflows.h"
#include "session/counting.h"
#include "session/lastreading.h"
#include "session/ledger.h"
#include "session/start.h"
#include "store/fields.h"
#include "store/log.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <syslog.h>

/* What ended it; docs/records.md, "Why a session ended", has the table. */
static const char *stop_cause(struct session *session) {
        const struct state *state = session->state;
        struct conntrack_entry entry = { 0 };
        struct sockdiag_socket follower;
        bool seen;

        /* sshd is there and does not close it: it was stopped when the connection went */
        if (!state->closed)
                return onesession_pid_lives(session) ? "Lost-Carrier" : "NAS-Error";
        if (state->closed_tcp_state == TCP_CLOSE)
                return "Lost-Carrier";
        /* both sides end the subflows of MPTCP, whoever closed the connection */
        seen = !state->followed && !subflows_are(state) &&
               !ownsocket_follower(session, &follower) && !sources_conntrack(session, &entry);
        if (seen && entry.closer == CONNTRACK_CLOSER_REMOTE)
                return "User-Request";
        if (state->closed_tcp_state != FIELD_UNKNOWN && state->closed_tcp_state != TCP_ESTABLISHED)
                return "User-Request"; /* CLOSE_WAIT, and what follows it */
        if (state->closed_stalled)
                return "Lost-Carrier";
        /* A RST from the client makes sshd close, and would have been there before. So it is ours:
         * a RST instead of a FIN, where something was not read (RFC 2525, 2.17). */
        return seen && conntrack_entry_ended(&entry) ? "Admin-Reset" : NULL;
}

/* How long it lasted: until sshd closed it. Nobody saw the end of one that it never closed. */
static int64_t stop_duration(const struct state *state) {
        if (state->closed_boottime == FIELD_UNKNOWN)
                return FIELD_UNKNOWN;
        return state->closed_boottime > state->opened_boottime
                       ? state->closed_boottime - state->opened_boottime
                       : 0;
}

/**
 * stop_forget() - remove the state of a session whose rules are gone
 * @session:    the session, with its state; its stop record is in the log
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int stop_forget(struct session *session) {
        int r = statefolder_remove(session->folder_fd, session->state->session);

        if (r < 0)
                session_say(session, LOG_WARNING, "session %s: its state cannot be removed: %s",
                            session->state->session, strerror(-r));
        return r;
}

/**
 * stop_clean() - remove the rules and the state of a session
 * @session:    the session, with its state; its stop record is in the log
 *
 * Return: 0, or a negative errno, which has been reported: then a reap tries again.
 */
int stop_clean(struct session *session) {
        int r = counting_stop(session);

        if (r)
                return r < 0 ? r : -EIO;
        return stop_forget(session);
}

/* Return: 0 once the record is in the log. */
static int stop_put(struct session *session, const struct sessionrecord_entry *entry) {
        int r = ledger_write(session, entry);

        if (r && session->state->stopped)
                (void)counting_stop(session); /* its totals are in the pending record */
        return r;
}

/**
 * stop_resume() - do what an earlier helper left undone
 * @session:    the session, as it was loaded
 *
 * Return: 0: the session is open, as it should be; 1: its stop record is in the log, and what is
 *         left is stop_clean(); or a negative errno, which has been reported.
 */
int stop_resume(struct session *session) {
        int r;

        r = ledger_settle(session);
        if (session->state->stopped)
                return r < 0 ? r : 1;
        /* a start record that cannot be written waits; counting goes on */
        if (!session->state->seq)
                (void)start_session(session);
        return 0;
}

/**
 * stop_is_readable() - tell whether last readings of a session are to be taken
 * @session:    the session, with its state
 *
 * Return: false if no more is to be read of it.
 */
bool stop_is_readable(const struct session *session) {
        return !session->state->concluded && onesession_is_here(session);
}

/**
 * stop_record() - write the stop record of a session
 * @session:    the session, with its state; its last readings are in the account
 *
 * Return: 0 once it is in the log, then stop_clean() is left to do; or a negative errno, which has
 *         been reported: then a reap goes on from there.
 */
int stop_record(struct session *session) {
        _cleanup_(processes_clear) struct processes processes;
        struct state *state = session->state;
        struct sessionrecord_entry entry = { .event = "stop", .processes = &processes };

        processes_read(session->context->settings, &processes);
        /* nobody took last readings of it */
        if (!onesession_is_here(session) && !state->concluded)
                account_spoil(&state->account, ACCOUNT_CAUSE_LOST);
        /* conntrack may hear of the end after the socket is gone: it passes over a RST that is
         * ahead of what was acknowledged (nf_conntrack_tcp_packet()), until the next one. So this
         * is asked after the last readings. */
        entry.terminate_cause = stop_cause(session);
        entry.realtime = clock_now(CLOCK_REALTIME);
        entry.duration = stop_duration(state);
        entry.complete = state->excluded || state->account.whole;
        return stop_put(session, &entry);
}

/**
 * stop_write() - end a session whose connection is over
 * @session:    the session, with its state
 *
 * Return: 0, or a negative errno, which has been reported: then a reap goes on from there.
 */
int stop_write(struct session *session) {
        int r;

        if (stop_is_readable(session) && lastreading_finish(session) == LASTREADING_PUT_OFF) {
                (void)onesession_save(session, false);
                return -EBUSY;
        }
        r = stop_record(session);
        return r ? r : stop_clean(session);
}

/* A state that is older than the last one: the log has what that one had told. Return: 0; 1 if the
 * stop record is in the log; or a negative errno, which has been reported. */
static int stop_catch_up(struct session *session) {
        struct state *state = session->state;
        struct loglast_end last;
        int r;

        if (!statefolder_is_outdated(session->folder_fd, state->session))
                return 0;
        r = loglast_find(session->context->settings->log_file, loglast_session, state->session,
                         &last, 1);
        if (r < 0)
                session_say(session, LOG_ERR, "session %s: the log cannot be read: %s",
                            state->session, strerror(-r));
        if (r < 0 || last.seq < state->seq)
                return r;
        if (last.stopped)
                return 1;
        state->seq = last.seq + 1;
        state->reported = last.total;
        if (last.kinds)
                state->kinds = last.kinds;
        if (last.total.known)
                state->account.total = last.total;
        return 0;
}

/**
 * stop_after_reboot() - write the stop record of a session of an earlier boot
 * @session:    the session, with its state
 *
 * Rules and conntrack are gone with the kernel that had them; the totals are those of the last
 * reap.
 *
 * Return: 0 once it is in the log, then stop_clean() is left to do; or a negative errno, which has
 *         been reported.
 */
int stop_after_reboot(struct session *session) {
        struct state *state = session->state;
        struct sessionrecord_entry entry = {
                .event = "stop",
                .realtime = clock_now(CLOCK_REALTIME),
                .duration = state->seen_boottime >= state->opened_boottime
                                    ? state->seen_boottime - state->opened_boottime
                                    : FIELD_UNKNOWN,
                .terminate_cause = "NAS-Reboot",
                /* what is excluded misses nothing */
                .complete = state->excluded,
                .incomplete_cause = "reboot",
        };
        int r;

        r = stop_catch_up(session);
        if (r)
                return r < 0 ? r : 0;
        r = ledger_settle(session);
        if (state->stopped)
                return r;
        if (!state->seq) {
                struct sessionrecord_entry start = {
                        .event = "start",
                        .realtime = (uint64_t)state->opened_realtime,
                        .duration = FIELD_UNKNOWN,
                };

                (void)ledger_write(session, &start);
        }
        return stop_put(session, &entry);
}
