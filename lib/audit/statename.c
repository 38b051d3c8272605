/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The names of the states of connections.
 *
 * Relies on: include/net/tcp_states.h; enum tcp_conntrack of nf_conntrack_tcp.h.
 */

#include "audit/audit.h"

/**
 * audit_state_name() - name a state
 * @state:      the state of a row
 *
 * Return: the name, or NULL if it is not known.
 */
const char *audit_state_name(uint8_t state) {
        static const char *const sockets[] = {
                NULL,        "established", "syn_sent",     "syn_recv",   "fin_wait1",
                "fin_wait2", "time_wait",   "close",        "close_wait", "last_ack",
                "listen",    "closing",     "new_syn_recv",
        };
        static const char *const flows[] = {
                "unconnected",
                "forwarded",
                "unreplied",
                "replied",
                "assured",
                /* conntrack's */
                "none",
                "syn_sent",
                "syn_recv",
                "established",
                "fin_wait",
                "close_wait",
                "last_ack",
                "time_wait",
                "close",
                "syn_sent2",
        };

        if (state < sizeof(sockets) / sizeof(*sockets))
                return sockets[state];
        if (state >= AUDIT_STATE_UNCONNECTED &&
            state - AUDIT_STATE_UNCONNECTED < (int)(sizeof(flows) / sizeof(*flows)))
                return flows[state - AUDIT_STATE_UNCONNECTED];
        return NULL;
}
