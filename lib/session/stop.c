/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Ending a session.
 *
 * Owns: how the end of a connection is told, what ended it, and the order in which a session is
 * taken away: last readings, stop record, rules, state. Each step is done again by whoever finds it
 * undone (HACKING.md, "Exactly one start, exactly one stop").
 * Relies on: conntrack's state goes to TIME_WAIT with the last ACK of the FIN exchange and to CLOSE
 * with a RST (nf_conntrack_proto_tcp.c); it remembers whose FIN came first.
 */

#include "session/stop.h"

#include "pam_traffic/clock.h"
#include "session/counting.h"
#include "session/ledger.h"
#include "session/sources.h"
#include "session/start.h"
#include "store/fields.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <syslog.h>

/* Whether a socket has sent its FIN and waits for the ACK: it sends the FIN again, and is answered,
 * until that comes or the kernel gives up (tcp_retransmit_timer()). Where both ends closed at once
 * conntrack is in TIME_WAIT with the first of the two ACKs. */
static bool stop_awaits_ack(const struct sockdiag_socket *socket) {
        return socket->state == TCP_FIN_WAIT1 || socket->state == TCP_CLOSING ||
               socket->state == TCP_LAST_ACK;
}

/**
 * stop_verdict() - tell whether a session's connection is over
 * @session:    the session, with its state
 *
 * It is when the socket is gone or in TIME_WAIT, or when conntrack has seen its end and the socket
 * awaits nothing. A process that died says nothing: another may have the socket. An entry that is
 * gone from conntrack says nothing either: somebody may have flushed it.
 *
 * Return: STOP_...
 */
enum stop_verdict stop_verdict(struct session *session) {
        struct sockdiag_socket socket;
        struct conntrack_entry entry;
        int r;

        r = sources_socket(session, &socket);
        if (r == SOCKDIAG_E_NOT_FOUND || (!r && socket.state == TCP_TIME_WAIT))
                return STOP_ENDED;
        if (!r && stop_awaits_ack(&socket))
                return STOP_LIVES;
        if (!sources_conntrack(session, &entry) && conntrack_entry_ended(&entry))
                return STOP_ENDED;
        return r ? STOP_UNSURE : STOP_LIVES;
}

/* Whether another connection has the session's addresses and ports now: it is that one which the
 * counters are of. */
static bool stop_is_followed(struct session *session) {
        struct connection connection = sources_connection(session);
        struct sockdiag_socket socket;

        return session->sources->sockdiag && session->state->inode != FIELD_UNKNOWN &&
               !sockdiag_get(session->sources->sockdiag, &connection, &socket) && socket.inode &&
               socket.inode != (uint64_t)session->state->inode;
}

/* What ended it; HACKING.md, "Why a session ended", has the table. */
static const char *stop_cause(struct session *session) {
        const struct state *state = session->state;
        struct conntrack_entry entry = { 0 };
        bool seen;

        if (!state->closed)
                return "NAS-Error";
        if (state->closed_tcp_state == TCP_CLOSE)
                return "Lost-Carrier";
        seen = !sources_conntrack(session, &entry);
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

/* How long it lasted: to the moment that is nearest to its end among those that are known. */
static int64_t stop_duration(const struct state *state) {
        int64_t end = (int64_t)clock_now(CLOCK_BOOTTIME);

        if (state->closed_boottime != FIELD_UNKNOWN)
                end = state->closed_boottime;
        else if (state->gone_boottime != FIELD_UNKNOWN)
                end = state->gone_boottime;
        return end > state->opened_boottime ? end - state->opened_boottime : 0;
}

/* The rules and the state of a session whose stop record is in the log. */
static int stop_clean(struct session *session) {
        int r;

        r = counting_stop(session);
        if (r)
                return r < 0 ? r : -EIO; /* the state stays, so that a reap tries again */
        r = state_remove(session->folder_fd, session->state->session);
        if (r < 0)
                session_say(session, LOG_WARNING, "session %s: its state cannot be removed: %s",
                            session->state->session, strerror(-r));
        return r;
}

static int stop_record(struct session *session, const struct ledger_entry *entry) {
        int r;

        r = ledger_write(session, entry);
        if (!r)
                return stop_clean(session);
        if (session->state->stopped)
                (void)counting_stop(session); /* its totals are in the pending record */
        return r;
}

/**
 * stop_resume() - do what an earlier helper left undone
 * @session:    the session, as it was loaded
 *
 * Return: 0: the session is open, as it should be; 1: it has ended, nothing is left to do; or a
 *         negative errno, which has been reported.
 */
int stop_resume(struct session *session) {
        int r;

        r = ledger_settle(session);
        if (session->state->stopped) {
                if (!r)
                        r = stop_clean(session);
                return r < 0 ? r : 1;
        }
        /* a start record that cannot be written waits; counting goes on */
        if (!session->state->seq)
                (void)start_session(session);
        return 0;
}

/**
 * stop_write() - end a session whose connection is over
 * @session:    the session, with its state
 *
 * Return: 0, or a negative errno, which has been reported: then a reap goes on from there.
 */
int stop_write(struct session *session) {
        struct state *state = session->state;
        struct ledger_entry entry = { .event = "stop", .complete = true };

        if (!state->excluded) {
                if (stop_is_followed(session))
                        state->account.whole = false;
                else
                        counting_finish(session);
                entry.complete = state->account.whole;
        }
        /* conntrack may hear of the end after the socket is gone: it passes over a RST that is
         * ahead of what was acknowledged (nf_conntrack_tcp_packet()), until the next one */
        entry.terminate_cause = stop_cause(session);
        entry.realtime = clock_now(CLOCK_REALTIME);
        entry.duration = stop_duration(state);
        return stop_record(session, &entry);
}

/**
 * stop_after_reboot() - end a session of an earlier boot
 * @session:    the session, with its state
 *
 * Rules and conntrack are gone with the kernel that had them; the totals are those of the last
 * reap.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int stop_after_reboot(struct session *session) {
        struct state *state = session->state;
        struct ledger_entry entry = {
                .event = "stop",
                .realtime = clock_now(CLOCK_REALTIME),
                .duration = state->seen_boottime >= state->opened_boottime
                                    ? state->seen_boottime - state->opened_boottime
                                    : FIELD_UNKNOWN,
                .terminate_cause = "NAS-Reboot",
        };

        if (state->stopped)
                return stop_resume(session) < 0 ? -EIO : 0;
        (void)ledger_settle(session);
        if (!state->seq) {
                struct ledger_entry start = {
                        .event = "start",
                        .realtime = (uint64_t)state->opened_realtime,
                        .duration = FIELD_UNKNOWN,
                };

                (void)ledger_write(session, &start);
        }
        return stop_record(session, &entry);
}
