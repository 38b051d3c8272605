/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A record of a session, made from its state and totals.
 *
 * Owns: which member of the state becomes which key, and the deltas.
 * Does not: change anything, or write the record; session/ledger.c does.
 */

#include "reading/sessionrecord.h"

#include "base/clock.h"
#include "base/text.h"
#include "net/loginkind.h"
#include "store/authinfo.h"
#include "store/fields.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static int sessionrecord_addresses(struct record *record, const struct state *state) {
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

static int sessionrecord_auth(struct record *record, const struct state *state) {
        struct authinfo auth = { 0 };
        int r = authinfo_parse(state->auth_info, &auth);

        record->auth_method = auth.method;
        record->auth_key = auth.key;
        return r;
}

static int sessionrecord_identity(struct record *record, const struct state *state) {
        char kind[LOGINKIND_TEXT_MAX];
        int r;

        loginkind_format(state->kinds > 0 ? (unsigned int)state->kinds : 0, kind);
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
                r = sessionrecord_auth(record, state);
        if (!r)
                r = text_copy(&record->login_session, state->login_session);
        if (!r && *kind)
                r = text_copy(&record->kind, kind);
        if (!r)
                r = text_copy(&record->backend, state->backend);
        return r;
}

/* A counter that was reset can make a total smaller than the one before; then nothing is new. */
static int64_t sessionrecord_delta(uint64_t now, uint64_t before) {
        return now > before ? (int64_t)(now - before) : 0;
}

static void sessionrecord_counters(struct record *record, const struct state *state, bool stop) {
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
                record->delta_in_bytes = sessionrecord_delta(t->in.bytes, before->in.bytes);
                record->delta_out_bytes = sessionrecord_delta(t->out.bytes, before->out.bytes);
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

/* The totals of a session that is excluded, which have keys of their own. */
static void sessionrecord_excluded(struct record *record, const struct state *state) {
        const struct account *account = &state->account;

        if (!account->total.known || !account->whole)
                return;
        record->excluded_in_bytes = (int64_t)account->total.traffic.in.bytes;
        record->excluded_out_bytes = (int64_t)account->total.traffic.out.bytes;
}

/* Why the total may be wrong; NULL in a state of an earlier release. */
static const char *sessionrecord_incomplete(const struct state *state) {
        static const char *const causes[ACCOUNT_CAUSES] = {
                [ACCOUNT_CAUSE_BEGIN] = "begin",       [ACCOUNT_CAUSE_LOST] = "lost",
                [ACCOUNT_CAUSE_DIFFER] = "differ",     [ACCOUNT_CAUSE_FOREIGN] = "foreign",
                [ACCOUNT_CAUSE_FOLLOWED] = "followed", [ACCOUNT_CAUSE_SUBFLOWS] = "subflows",
        };
        int64_t cause = state->account.cause;

        return cause < 0 || cause >= ACCOUNT_CAUSES ? NULL : causes[cause];
}

static int sessionrecord_fill(const struct session *session,
                              const struct sessionrecord_entry *entry, struct record *record) {
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
                                                : sessionrecord_incomplete(state);
        if (state->excluded)
                sessionrecord_excluded(record, state);
        else
                sessionrecord_counters(record, state, !strcmp(entry->event, "stop"));
        if (entry->processes)
                processes_fill(entry->processes, state, record);

        r = text_copy(&record->event, entry->event);
        if (!r)
                r = text_copy(&record->time, time);
        if (!r)
                r = text_copy(&record->host, host);
        if (!r)
                r = sessionrecord_identity(record, state);
        if (!r)
                r = sessionrecord_addresses(record, state);
        if (!r && !state->excluded)
                r = text_copy(&record->preauth_source, state->preauth_source);
        if (!r)
                r = text_copy(&record->terminate_cause, entry->terminate_cause);
        if (!r)
                r = text_copy(&record->incomplete_cause, cause);
        return r;
}

/**
 * sessionrecord_make() - make a session's next record, and write it nowhere
 * @session:    the session
 * @entry:      what the record says beyond the state
 * @ret_record: the record
 *
 * Return: 0 or -ENOMEM.
 */
int sessionrecord_make(const struct session *session, const struct sessionrecord_entry *entry,
                       struct record **ret_record) {
        _cleanup_(record_freep) struct record *record = NULL;
        int r;

        r = record_new(&record);
        if (!r)
                r = sessionrecord_fill(session, entry, record);
        if (!r)
                *ret_record = pointer_steal(&record);
        return r;
}
