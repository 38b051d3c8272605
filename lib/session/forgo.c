/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The last readings of a session whose addresses and ports the next connection has, and with them
 * the rules and conntrack's entry.
 */

#include "session/forgo.h"

#include "reading/update.h"
#include "store/fields.h"

#include <syslog.h>

/* What the rules have counted before the next connection. TCP has none of the options of its SYN,
 * nor the SYN-ACK (docs/identity.md); where segments were merged, it counts more than there were.
 * least: what they had counted before. */
static struct counter forgo_less(struct counter rules, uint64_t bytes, uint64_t packets,
                                 struct counter least) {
        rules.bytes -= bytes < rules.bytes ? bytes : rules.bytes;
        rules.packets -= packets < rules.packets ? packets : rules.packets;
        return (struct counter){ rules.bytes > least.bytes ? rules.bytes : least.bytes,
                                 rules.packets > least.packets ? rules.packets : least.packets };
}

/**
 * forgo_readings() - take last readings where the next connection has the addresses and ports
 * @session:    the session, with its state; then no more is read of it
 * @rules:      what its rules have counted: also of the other connection
 * @follower:   what TCP has moved of that one, read after the rules
 *
 * Conntrack's entry is that of the other. So the rules tell, less what TCP says of the other.
 */
void forgo_readings(struct session *session, const struct known_traffic *rules,
                    const struct tcpinfo *follower) {
        struct state *state = session->state;
        const struct traffic *least = &state->account.rules_last.traffic;
        struct sample sample = {
                .rules = state->account.rules_last,
                .conntrack_id = FIELD_UNKNOWN,
                .reset = true,
        };
        bool ipv6 = state->local.address.family == AF_INET6;
        uint64_t in, out;

        if (rules->known && follower->known && sample.rules.known) {
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
                    "session %s: the next connection had its addresses and ports before its last "
                    "readings; its records are marked incomplete",
                    state->session);
}
