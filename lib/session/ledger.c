/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Writing a session's records: from state and totals to a line in the log.
 *
 * Owns: which member of the state becomes which key; the deltas; the sentence for people; and that
 * a record is in the log exactly once, whatever is killed in between. store/pending.h says how that
 * works; the state notes which records are pending.
 */

#include "session/ledger.h"

#include "base/clock.h"
#include "base/text.h"
#include "store/authinfo.h"
#include "store/fields.h"
#include "store/record.h"
#include "store/statelock.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

static int ledger_addresses(struct record *record, const struct state *state) {
        char local[ADDRESS_TEXT_MAX], remote[ADDRESS_TEXT_MAX];
        int r;

        address_format(&state->local.address, local);
        address_format(&state->remote.address, remote);
        record->local_port = state->local.port;
        record->remote_port = state->remote.port;

        r = text_copy(&record->family, state->local.address.family == AF_INET6 ? "ipv6" : "ipv4");
        if (!r)
                r = text_copy(&record->local_addr, local);
        if (!r)
                r = text_copy(&record->remote_addr, remote);
        return r;
}

static int ledger_auth(struct record *record, const struct state *state) {
        struct authinfo auth = { 0 };
        int r = authinfo_parse(state->auth_info, &auth);

        record->auth_method = auth.method;
        record->auth_key = auth.key;
        return r;
}

static int ledger_identity(struct record *record, const struct state *state) {
        int r;

        record->uid = state->uid;
        record->pid = state->pid;
        record->audit_session = state->audit_session;
        record->excluded = state->excluded;

        r = text_copy(&record->boot_id, state->boot_id);
        if (!r)
                r = text_copy(&record->session, state->session);
        if (!r)
                r = text_copy(&record->service, state->service);
        if (!r)
                r = text_copy(&record->user, state->user);
        if (!r)
                r = text_copy(&record->rhost, state->rhost);
        if (!r)
                r = ledger_auth(record, state);
        if (!r)
                r = text_copy(&record->login_session, state->login_session);
        if (!r)
                r = text_copy(&record->backend, state->backend);
        return r;
}

/* A counter that was reset can make a total smaller than the one before; then nothing is new. */
static int64_t ledger_delta(uint64_t now, uint64_t before) {
        return now > before ? (int64_t)(now - before) : 0;
}

static void ledger_counters(struct record *record, const struct state *state, bool stop) {
        const struct known_traffic *total = &state->account.total;
        const struct traffic *t = &total->traffic, *before = &state->reported.traffic;
        const struct tcpinfo *info = &state->account.info;

        if (state->preauth.known) {
                record->preauth_in_bytes = (int64_t)state->preauth.traffic.in.bytes;
                record->preauth_in_packets = (int64_t)state->preauth.traffic.in.packets;
                record->preauth_out_bytes = (int64_t)state->preauth.traffic.out.bytes;
                record->preauth_out_packets = (int64_t)state->preauth.traffic.out.packets;
        }
        if (total->known) {
                record->in_bytes = (int64_t)t->in.bytes;
                record->in_packets = (int64_t)t->in.packets;
                record->out_bytes = (int64_t)t->out.bytes;
                record->out_packets = (int64_t)t->out.packets;
                record->delta_in_bytes = ledger_delta(t->in.bytes, before->in.bytes);
                record->delta_out_bytes = ledger_delta(t->out.bytes, before->out.bytes);
        }
        /* of a session that sshd never closed, TCP was not read at its end */
        if (info->known && (!stop || state->closed_tcp_state != FIELD_UNKNOWN)) {
                uint64_t in, out;

                tcpinfo_wire(info, state->local.address.family, &in, &out);
                record->tcp_in_bytes = (int64_t)info->in_bytes;
                record->tcp_out_bytes = (int64_t)info->out_bytes;
                record->tcp_in_segments = (int64_t)info->in_segments;
                record->tcp_out_segments = (int64_t)info->out_segments;
                record->tcp_retrans_bytes = (int64_t)info->retrans_bytes;
                if (info->min_rtt_us != TCPINFO_RTT_UNKNOWN)
                        record->tcp_min_rtt_us = (int64_t)info->min_rtt_us;
                record->wire_in_bytes = (int64_t)in;
                record->wire_out_bytes = (int64_t)out;
        }
}

/* Why the total may be wrong; NULL in a state of an earlier release. */
static const char *ledger_incomplete(const struct state *state) {
        static const char *const causes[ACCOUNT_CAUSES] = {
                [ACCOUNT_CAUSE_BEGIN] = "begin",       [ACCOUNT_CAUSE_LOST] = "lost",
                [ACCOUNT_CAUSE_DIFFER] = "differ",     [ACCOUNT_CAUSE_FOREIGN] = "foreign",
                [ACCOUNT_CAUSE_FOLLOWED] = "followed", [ACCOUNT_CAUSE_SUBFLOWS] = "subflows",
        };
        int64_t cause = state->account.cause;

        return cause < 0 || cause >= ACCOUNT_CAUSES ? NULL : causes[cause];
}

static int ledger_fill(const struct session *session, const struct ledger_entry *entry,
                       struct record *record) {
        const struct state *state = session->state;
        char time[CLOCK_TEXT_MAX], host[HOST_NAME_MAX + 1] = "";
        const char *cause = NULL;
        int r;

        clock_format(entry->realtime, time);
        (void)gethostname(host, sizeof(host) - 1);
        record->seq = state->seq;
        record->duration = entry->duration;
        record->complete = entry->complete;
        if (!entry->complete)
                cause = entry->incomplete_cause ? entry->incomplete_cause
                                                : ledger_incomplete(state);
        if (!state->excluded)
                ledger_counters(record, state, !strcmp(entry->event, "stop"));

        r = text_copy(&record->event, entry->event);
        if (!r)
                r = text_copy(&record->time, time);
        if (!r)
                r = text_copy(&record->host, host);
        if (!r)
                r = ledger_identity(record, state);
        if (!r)
                r = ledger_addresses(record, state);
        if (!r && !state->excluded)
                r = text_copy(&record->preauth_source, state->preauth_source);
        if (!r)
                r = text_copy(&record->terminate_cause, entry->terminate_cause);
        if (!r)
                r = text_copy(&record->incomplete_cause, cause);
        return r;
}

/**
 * ledger_record() - make a session's next record, and write it nowhere
 * @session:    the session
 * @entry:      what the record says beyond the state
 * @ret_record: the record
 *
 * Return: 0 or -ENOMEM.
 */
int ledger_record(const struct session *session, const struct ledger_entry *entry,
                  struct record **ret_record) {
        _cleanup_(record_freep) struct record *record = NULL;
        int r;

        r = record_new(&record);
        if (!r)
                r = ledger_fill(session, entry, record);
        if (!r)
                *ret_record = pointer_steal(&record);
        return r;
}

/* The one line for people. */
static void ledger_say(const struct session *session, const struct record *record) {
        char counts[160] = "traffic not known", took[48] = "";

        if (!session->context->settings->syslog || !strcmp(record->event, "interim"))
                return;

        if (record->excluded)
                (void)snprintf(counts, sizeof(counts), "not counted (excluded network)");
        else if (record->in_bytes >= 0)
                (void)snprintf(counts, sizeof(counts),
                               "in %" PRId64 " bytes (%" PRId64 " packets), out %" PRId64
                               " bytes (%" PRId64 " packets)%s",
                               record->in_bytes, record->in_packets, record->out_bytes,
                               record->out_packets, record->complete ? "" : ", may be incomplete");
        if (record->duration >= 0)
                (void)snprintf(took, sizeof(took), " after %.1f s", (double)record->duration / 1e6);

        session_say(session, LOG_INFO,
                    "session %s %s%s: user %s from %s port %" PRId64 " (%s%s%s): %s",
                    record->session, !strcmp(record->event, "start") ? "started" : "ended", took,
                    record->user, record->remote_addr, record->remote_port,
                    record->auth_method ? record->auth_method : "method not known",
                    record->auth_key ? " " : "", record->auth_key ? record->auth_key : "", counts);
}

/* The line that a record is, made pending. */
static int ledger_make(struct session *session, const struct record *record) {
        struct state *state = session->state;
        _cleanup_(freep) char *line = NULL;
        size_t size;
        int r;

        r = record_encode(record, &line, &size);
        if (!r)
                r = pending_add(&state->pending, session->context->settings->log_file, line);
        if (r < 0)
                return r;

        state->seq++;
        state->stopped = !strcmp(record->event, "stop");
        state->reported_boottime = (int64_t)clock_now(CLOCK_BOOTTIME);
        if (state->account.total.known)
                state->reported = state->account.total;
        return 0;
}

/* Append what is pending; recorded: the state on disk has it as pending, too. */
static int ledger_append(struct session *session, bool recorded) {
        const char *path = session->context->settings->log_file;
        struct state *state = session->state;
        int r;

        r = pending_append(&state->pending, session->folder_fd, path, session->context->patience);
        if (r < 0 && recorded)
                session_say(session, LOG_ERR,
                            "session %s: cannot write to %s: %s; the record waits in %s until it "
                            "can be written",
                            state->session, path, statelock_reason(r),
                            session->context->settings->state_dir);
        else if (r < 0)
                session_say(session, LOG_ERR,
                            "session %s: cannot write to %s: %s, nor to %s; the record: %s",
                            state->session, path, statelock_reason(r),
                            session->context->settings->state_dir, state->pending.lines);
        return r;
}

/* Take the lines that are in the log already out of what is pending. */
static int ledger_look(struct session *session) {
        return pending_look(&session->state->pending, session->context->settings->log_file);
}

/**
 * ledger_write() - append a session's next record to the log
 * @session:    the session; its sequence number and what was reported move on
 * @entry:      what the record says beyond the state
 *
 * A record that cannot be written now stays pending in the state. Where that cannot be written
 * either, it goes to the listener, whole: to syslog.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int ledger_write(struct session *session, const struct ledger_entry *entry) {
        _cleanup_(record_freep) struct record *record = NULL;
        bool recorded, waiting = session->state->pending.lines != NULL;
        int r;

        r = ledger_record(session, entry, &record);
        if (!r)
                r = ledger_make(session, record);
        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: cannot make its %s record: %s",
                            session->state->session, entry->event, strerror(-r));
                return r;
        }

        recorded = !session_save(session, true);
        ledger_say(session, record);
        /* of an earlier record that could not be written, something may be there after all */
        r = waiting ? ledger_look(session) : 0;
        if (!r)
                r = ledger_append(session, recorded);
        if (!r && !session->state->stopped)
                (void)session_save(session, true);
        return r;
}

/**
 * ledger_settle() - bring into the log what an earlier helper made and perhaps did not append
 * @session:    the session, as it was loaded
 *
 * Return: 0: nothing is pending any more; or a negative errno, which has been reported.
 */
int ledger_settle(struct session *session) {
        struct state *state = session->state;
        int r;

        if (!state->pending.lines)
                return 0;
        r = ledger_look(session);
        if (r < 0) {
                session_say(session, LOG_ERR,
                            "session %s: cannot tell whether its records are in %s: %s",
                            state->session, session->context->settings->log_file, strerror(-r));
                return r;
        }
        r = ledger_append(session, true);
        if (!r && !state->stopped)
                (void)session_save(session, true);
        return r;
}
