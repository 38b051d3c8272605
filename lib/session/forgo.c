/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The last readings of a session if the next connection has the same addresses and ports.
 *
 * Owns: which source counts then: the rules and conntrack's entry now count the next connection.
 */

#include "session/forgo.h"

#include "reading/update.h"
#include "store/fields.h"

#include <syslog.h>

/* What the rules had counted before the next connection began. least: an earlier reading of the
 * rules. */
static struct counter forgo_less(struct counter rules, uint64_t bytes, uint64_t packets,
                                 struct counter least) {
        rules.bytes -= bytes < rules.bytes ? bytes : rules.bytes;
        rules.packets -= packets < rules.packets ? packets : rules.packets;
        return (struct counter){ rules.bytes > least.bytes ? rules.bytes : least.bytes,
                                 rules.packets > least.packets ? rules.packets : least.packets };
}

/**
 * forgo_readings() - take the last readings if the next connection has the addresses and ports
 * @session:    the session, with its state; nothing is read of it after this
 * @rules:      what its rules have counted, including the next connection
 * @moved:      what conntrack has counted of the next connection at the moment of @rules
 * @follower:   where that is not known: what TCP has moved of it, read after the rules
 *
 * Conntrack's entry is that of the next connection. So the rules count, minus what the next
 * connection has moved.
 */
void forgo_readings(struct session *session, const struct known_traffic *rules,
                    const struct known_traffic *moved, const struct tcpinfo *follower) {
        struct state *state = session->state;
        const struct traffic *least = &state->account.rules_last.traffic;
        struct sample sample = {
                .rules = state->account.rules_last,
                .conntrack_id = FIELD_UNKNOWN,
                .reset = true,
        };
        bool ipv6 = state->local.address.family == AF_INET6;
        uint64_t in, out;

        if (rules->known && moved->known && sample.rules.known) {
                const struct counter *m_in = &moved->traffic.in, *m_out = &moved->traffic.out;

                sample.rules.traffic.in =
                        forgo_less(rules->traffic.in, m_in->bytes, m_in->packets, least->in);
                sample.rules.traffic.out =
                        forgo_less(rules->traffic.out, m_out->bytes, m_out->packets, least->out);
        } else if (rules->known && follower->known && sample.rules.known) {
                /* TCP's counters include neither the options of its SYN nor the SYN-ACK
                 * (docs/identity.md); if segments were merged, they count more segments than there
                 * were packets */
                tcpinfo_wire(follower, state->local.address.family, &in, &out);
                sample.rules.traffic.in =
                        forgo_less(rules->traffic.in, in + 8, follower->in_segments, least->in);
                sample.rules.traffic.out = forgo_less(rules->traffic.out, out + (ipv6 ? 80 : 60),
                                                      follower->out_segments + 1, least->out);
        }
        (void)update_account(session, &sample, ACCOUNT_CONNTRACK_LOST | ACCOUNT_LOST);
        account_spoil(&state->account, ACCOUNT_CAUSE_FOLLOWED);
        state->concluded = true;
        session_say(session, LOG_NOTICE,
                    "session %s: the next connection had its addresses and ports before its "
                    "counters were read for the last time; its records are marked incomplete",
                    state->session);
}
