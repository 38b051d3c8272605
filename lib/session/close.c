/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Closing a session.
 *
 * Owns: waiting for the connection to end, the last readings, the stop record, and taking away
 * rules and state, in this order.
 * Relies on: when sshd closes the PAM session the connection is still open; the FIN exchange
 * follows (design.md, "sshd and PAM"). Conntrack's state goes to TIME_WAIT with the last ACK of it
 * and to CLOSE with a RST (nf_conntrack_proto_tcp.c).
 */

#include "pam_traffic/clock.h"
#include "session/counting.h"
#include "session/ledger.h"
#include "session/open.h"
#include "session/reconcile.h"
#include "store/fields.h"

#include <inttypes.h>
#include <netinet/tcp.h>
#include <string.h>
#include <syslog.h>

/* An open that waits for the lock of the tables takes up to a minute. */
#define CLOSE_PATIENCE (120 * CLOCK_SECOND)

#define CLOSE_POLL_FIRST UINT64_C(2000)
#define CLOSE_POLL_LONGEST UINT64_C(50000)

/* How long the counters must stand still after the end, at the least and at the most. */
#define CLOSE_SETTLE_LEAST UINT64_C(20000)
#define CLOSE_SETTLE_MOST CLOCK_SECOND

/* Wait until conntrack says that the connection is over; false if it did not within linger. */
static bool close_wait(struct session *session) {
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + session->context->settings->linger;
        uint64_t pause = CLOSE_POLL_FIRST;

        for (;;) {
                struct conntrack_entry entry;
                int r;

                r = session_conntrack(session, &entry);
                if (r == CONNTRACK_E_NOT_FOUND || (!r && conntrack_entry_ended(&entry)))
                        return true;
                if (clock_now(CLOCK_MONOTONIC) >= deadline)
                        return false;
                clock_sleep(pause);
                pause = pause * 2 > CLOSE_POLL_LONGEST ? CLOSE_POLL_LONGEST : pause * 2;
        }
}

static void close_read(struct session *session, struct readings *readings) {
        const struct state *state = session->state;
        struct conntrack_entry entry;
        int r;

        (void)counting_read(session, &readings->rules);
        r = session_conntrack(session, &entry);
        readings->conntrack.known = !r && entry.has_counters;
        if (readings->conntrack.known) {
                const struct traffic *before = &state->reported.traffic;

                readings->conntrack.traffic = entry.traffic;
                /* another entry, or one that was zeroed, began in mid-session */
                readings->conntrack_whole = state->conntrack_id == entry.id &&
                                            entry.traffic.in.bytes >= before->in.bytes &&
                                            entry.traffic.out.bytes >= before->out.bytes;
        }
}

/*
 * Read until the counters stand still. A packet that was on its way when the connection ended (a
 * repeated FIN, data that meets a RST) is at most a round trip behind.
 */
static void close_settle(struct session *session, struct readings *readings) {
        uint64_t settle = 2 * (uint64_t)session->state->info.min_rtt_us; /* 0: not known */
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + 2 * CLOSE_SETTLE_MOST;
        struct known_traffic rules, conntrack;

        if (settle < CLOSE_SETTLE_LEAST || session->state->info.min_rtt_us == TCPINFO_RTT_UNKNOWN)
                settle = CLOSE_SETTLE_LEAST;
        if (settle > CLOSE_SETTLE_MOST)
                settle = CLOSE_SETTLE_MOST;

        close_read(session, readings);
        do {
                rules = readings->rules;
                conntrack = readings->conntrack;
                clock_sleep(settle);
                close_read(session, readings);
        } while ((!traffic_equal(&rules.traffic, &readings->rules.traffic) ||
                  !traffic_equal(&conntrack.traffic, &readings->conntrack.traffic)) &&
                 clock_now(CLOCK_MONOTONIC) < deadline);
}

/* Who ended it, as far as TCP's state at the close of the PAM session tells. */
static const char *close_cause(const struct tcpinfo *info) {
        return info->known && info->state == TCP_CLOSE_WAIT ? "User-Request" : NULL;
}

static void close_findings(const struct session *session, const struct readings *readings,
                           const struct reconciled *result) {
        const struct traffic *offset = &readings->offset.traffic;
        const struct traffic *rules = &readings->rules.traffic;
        const struct traffic *conntrack = &readings->conntrack.traffic;

        if (result->findings & RECONCILE_DIFFERENT)
                session_say(session, LOG_WARNING,
                            "session %s: rules and conntrack differ: in %" PRIu64 " and %" PRIu64
                            " bytes, out %" PRIu64 " and %" PRIu64
                            " bytes; the larger counts (was a table flushed or zeroed?)",
                            session->state->session, offset->in.bytes + rules->in.bytes,
                            conntrack->in.bytes, offset->out.bytes + rules->out.bytes,
                            conntrack->out.bytes);
        if (result->findings & RECONCILE_SHORT)
                session_say(session, LOG_WARNING,
                            "session %s: counters are below TCP's own payload count; the record is "
                            "marked incomplete",
                            session->state->session);
        if (!readings->ended)
                session_say(session, LOG_WARNING,
                            "session %s: the connection was still open when linger was over; the "
                            "record is marked incomplete",
                            session->state->session);
}

static int close_record(struct session *session, bool ended) {
        struct state *state = session->state;
        struct readings readings = {
                .offset = state->offset,
                .offset_exact = state->offset_exact,
                .info = state->info,
                .ended = ended,
        };
        struct reconciled result = { .complete = true };
        struct ledger_entry entry = {
                .event = "stop",
                .terminate_cause = close_cause(&state->info),
        };

        if (!state->excluded) {
                close_settle(session, &readings);
                reconcile(&readings, &result);
                close_findings(session, &readings, &result);
        }
        entry.realtime = clock_now(CLOCK_REALTIME);
        entry.duration = (int64_t)clock_now(CLOCK_BOOTTIME) - state->opened_boottime;
        entry.total = result.total;
        entry.complete = result.complete;
        return ledger_write(session, &entry);
}

/*
 * Get the session's state. A session whose open never came (the helper could not run then) is made
 * up from what the module says now; conntrack may still have all of its traffic.
 */
static int close_load(struct session *session, const struct request *request) {
        uint64_t latest = request->opened_boottime + OPEN_LATEST;
        struct conntrack_entry entry;
        const char *field;
        int r;

        for (;;) {
                r = state_load(session->folder_fd, request->session, &session->state, &field);
                if (r != STATE_E_NOT_FOUND || clock_now(CLOCK_BOOTTIME) > latest)
                        break;

                /* an open that is on its way needs the lock */
                session_end(session);
                clock_sleep(CLOSE_POLL_LONGEST);
                r = session_begin(session, session->context, request->session, CLOSE_PATIENCE);
                if (r < 0)
                        return r;
        }
        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: its state cannot be read: %s",
                            request->session, strerror(-r));
                return r;
        }
        if (!r) {
                if (request->info.known)
                        session->state->info = request->info;
                return 0;
        }

        if (r == STATE_E_INVALID)
                session_say(session, LOG_ERR,
                            "session %s: its state file is damaged (%s) and not used",
                            request->session, field);
        session->state = state_free(session->state);
        r = session_describe(session, request);
        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: cannot be described: %s",
                            request->session, strerror(-r));
                return r;
        }
        if (!session_conntrack(session, &entry))
                session->state->conntrack_id = entry.id;
        (void)open_record(session); /* a failure has been reported, the stop record is tried too */
        return 0;
}

/**
 * session_close() - close a session, once its connection has ended
 * @context:    the settings and the listeners
 * @request:    what the module said
 *
 * Takes as long as the connection needs to end, at most `linger` and some seconds.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int session_close(const struct session_context *context, const struct request *request) {
        _cleanup_(session_end) struct session session = SESSION_INIT;
        int r, removed;
        bool ended;

        r = session_begin(&session, context, request->session, CLOSE_PATIENCE);
        if (!r)
                r = close_load(&session, request);
        if (r < 0)
                return r;

        ended = close_wait(&session);
        r = close_record(&session, ended);

        (void)counting_stop(&session);
        removed = state_remove(session.folder_fd, request->session);
        if (removed < 0)
                session_say(&session, LOG_WARNING, "session %s: its state cannot be removed: %s",
                            request->session, strerror(-removed));
        return r;
}
