/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The join: each of conntrack's flows is added to the row of one socket, or becomes a row. So the
 * sum over the rows is conntrack's.
 *
 * Owns: to which socket a flow belongs, and which of its directions is in.
 * Relies on: the socket that opened a connection is in conntrack's original tuple (OUTPUT's DNAT
 * and POSTROUTING's SNAT come after the socket); the socket that was called is in the reply tuple,
 * reversed (PREROUTING's DNAT and INPUT's SNAT come before it).
 */

#include "audit/look.h"

#include <errno.h>

/* Flows are taken so many at a time: the processor fetches what they need meanwhile. */
#define FLOWS_AHEAD 16

/* One of the places at which a flow may end in this host. */
struct flows_end {
        struct connection connection;
        uint64_t hash; /* of the connection */
        const struct counter *in;
        const struct counter *out;
        bool opened;
        struct audit_row *row; /* NULL: there is no socket */
};

static bool flows_in(const struct audit_networks *list, const struct address *address) {
        for (size_t i = 0; i < list->n; i++)
                if (network_contains(&list->networks[i], address))
                        return true;
        return false;
}

/* Whether the admin wants to see what goes to and comes from an address. */
static bool flows_wanted(const struct audit *audit, const struct address *remote) {
        return !flows_in(&audit->options.exclude, remote) &&
               (!audit->options.only.n || flows_in(&audit->options.only, remote));
}

/* What has ports, and so connections. */
static bool flows_has_ports(uint8_t protocol) {
        return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

static void flows_find(struct audit *audit, const struct flow *flow, struct flows_end *end) {
        const struct endpoint *local = &end->connection.local;

        if (!flows_has_ports(flow->protocol))
                return;
        end->row = rows_find_hashed(&audit->rows, end->hash, flow->protocol, &end->connection);
        if (end->row || flow->protocol != IPPROTO_UDP)
                return;
        /* a socket bound to all addresses does not get what is for other hosts */
        if (end->opened ? locals_have(&audit->locals, &local->address)
                        : locals_hear(&audit->locals, &local->address))
                end->row = rows_find_local(&audit->rows, IPPROTO_UDP, local);
}

/*
 * A connection within the host has two sockets, but is counted once: at the end that belongs to an
 * SSH login, if only one does, else at the end that opened it.
 */
static struct flows_end *flows_choose(struct flows_end *caller, struct flows_end *called) {
        if (!caller->row || !called->row)
                return caller->row ? caller : called->row ? called : NULL;
        return caller->row->owner.session == AUDIT_UNKNOWN &&
                               called->row->owner.session != AUDIT_UNKNOWN
                       ? called
                       : caller;
}

static uint8_t flows_state(const struct flow *flow) {
        if (flow->has_tcp_state)
                return (uint8_t)(AUDIT_STATE_CONNTRACK + (flow->tcp_state & 0xf));
        if (!flow->replied)
                return AUDIT_STATE_UNREPLIED;
        return flow->assured ? AUDIT_STATE_ASSURED : AUDIT_STATE_REPLIED;
}

static uint32_t flows_age(const struct audit *audit, const struct flow *flow) {
        uint64_t seconds;

        if (!flow->started)
                return AUDIT_UNKNOWN;
        seconds = audit->now > flow->started ? (audit->now - flow->started) / 1000000000 : 0;
        return seconds < AUDIT_UNKNOWN ? (uint32_t)seconds : AUDIT_UNKNOWN - 1;
}

/* A row for the flow alone; of a socket, if it has one: that of another row. */
static int flows_row(struct audit *audit, const struct flow *flow, const struct flows_end *end,
                     const struct audit_row *socket, struct audit_row **ret_row) {
        struct audit_row row = {
                .owner = AUDIT_OWNER_UNKNOWN,
                .age = AUDIT_UNKNOWN,
                .protocol = flow->protocol,
                .state = flows_state(flow),
                .flags = AUDIT_FLOW,
        };

        if (socket) {
                row = *socket;
                row.flags &= (uint8_t)~AUDIT_UNCONNECTED;
                row.inode = 0; /* which the other row is found by */
        }
        row.connection = end->connection;
        return rows_add(&audit->rows, &row, ret_row);
}

static void flows_count(struct audit *audit, const struct flow *flow, const struct flows_end *end,
                        struct audit_row *row) {
        uint32_t age = flows_age(audit, flow);

        /* of several flows the oldest tells the age */
        if (row->age == AUDIT_UNKNOWN || (age != AUDIT_UNKNOWN && age > row->age))
                row->age = age;
        row->flags |= AUDIT_FLOW | (end->opened ? AUDIT_OPENED : 0);
        if (!flow->has_counters)
                return;
        row->flags |= AUDIT_COUNTED;
        row->traffic.in.bytes += end->in->bytes;
        row->traffic.in.packets += end->in->packets;
        row->traffic.out.bytes += end->out->bytes;
        row->traffic.out.packets += end->out->packets;
}

/* What was known of the flow before is still so when its socket is gone, and the other way round.
 */
static int flows_remember(struct audit *audit, struct history_entry *entry, struct audit_row *row) {
        const struct ownerset_owner now = { row->owner, row->flags & AUDIT_LOGIN };
        const struct ownerset_owner *before = history_owner(&audit->history, entry);

        if (row->owner.pid != AUDIT_UNKNOWN ||
            (row->owner.uid != AUDIT_UNKNOWN && before->owner.uid == AUDIT_UNKNOWN))
                return history_own(&audit->history, entry, &now);
        if (row->owner.uid == AUDIT_UNKNOWN || row->owner.uid == before->owner.uid) {
                row->owner = before->owner;
                row->flags |= (uint8_t)before->login;
        }
        return 0;
}

/* Conntrack may tell one twice within the next few. */
static bool flows_again(struct audit *audit, const struct flow *flow, uint64_t original) {
        uint64_t hash = original + flow->id;

        for (size_t i = 0; i < AUDIT_RECENT; i++)
                if (audit->recent[i] == hash)
                        return true;
        audit->recent[audit->n_flows++ & (AUDIT_RECENT - 1)] = hash;
        return false;
}

static void flows_note_missing(struct audit *audit, const struct flow *flow) {
        audit->missing.accounting_before |= !flow->has_counters;
        audit->missing.timestamps |= !flow->started;
}

/* Where a flow without a socket has its local end; forwarded: at the one who opened it. */
static const struct flows_end *flows_side(const struct audit *audit, const struct flows_end *caller,
                                          const struct flows_end *called, bool *ret_forwarded) {
        *ret_forwarded = false;
        if (locals_have(&audit->locals, &caller->connection.local.address))
                return caller;
        if (locals_hear(&audit->locals, &called->connection.local.address))
                return called;
        *ret_forwarded = true;
        return caller;
}

/* A flow on its way. */
struct flows_step {
        struct flow now; /* or what it moved since the last look */
        struct flows_end caller;
        struct flows_end called;
};

static int flows_take_one(struct audit *audit, const struct flow *flow, struct flows_step *step) {
        struct history_entry *entry = NULL;
        const struct flows_end *end;
        struct audit_row *row;
        bool forwarded;
        int r;

        if (flows_again(audit, flow, step->caller.hash))
                return 0;
        flows_note_missing(audit, flow);
        if (audit->options.watch) {
                r = history_step(&audit->history, flow, &step->now, &entry);
                if (r < 0)
                        return r;
        }

        flows_find(audit, flow, &step->caller);
        flows_find(audit, flow, &step->called);
        end = flows_choose(&step->caller, &step->called);
        row = end ? end->row : NULL;
        if (row && row->flags & AUDIT_UNCONNECTED &&
            !flows_wanted(audit, &end->connection.remote.address))
                return 0;
        if (!row) {
                end = flows_side(audit, &step->caller, &step->called, &forwarded);
                r = flows_row(audit, flow, end, NULL, &row);
                if (!r && forwarded)
                        row->state = AUDIT_STATE_FORWARDED;
        } else {
                r = row->flags & AUDIT_UNCONNECTED && audit->options.split
                            ? flows_row(audit, flow, end, row, &row)
                            : 0;
        }
        if (r < 0)
                return r;
        if (entry && flows_remember(audit, entry, row) < 0)
                return -ENOMEM;
        flows_count(audit, &step->now, end, row);
        return 0;
}

static void flows_prepare(const struct audit *audit, const struct flow *flow,
                          struct flows_step *step) {
        step->now = *flow;
        step->caller = (struct flows_end){
                .connection = { flow->original.source, flow->original.destination },
                .in = &step->now.reply.counter,
                .out = &step->now.original.counter,
                .opened = true,
        };
        step->called = (struct flows_end){
                .connection = { flow->reply.source, flow->reply.destination },
                .in = &step->now.original.counter,
                .out = &step->now.reply.counter,
        };
        step->caller.hash = rows_hash(&audit->rows, flow->protocol, &step->caller.connection);
        step->called.hash = rows_hash(&audit->rows, flow->protocol, &step->called.connection);
        map_prefetch(&audit->rows.by_tuple, step->caller.hash);
        map_prefetch(&audit->rows.by_tuple, step->called.hash);
}

/**
 * flows_take() - note flows, when all sockets and their owners are
 * @audit:      the audit
 * @flows:      the flows
 * @n:          how many
 *
 * Return: 0, or a negative errno.
 */
int flows_take(struct audit *audit, const struct flow *flows, size_t n) {
        struct flows_step steps[FLOWS_AHEAD];
        int r = 0;

        for (size_t done = 0; !r && done < n; done += FLOWS_AHEAD) {
                size_t now = n - done < FLOWS_AHEAD ? n - done : FLOWS_AHEAD;

                for (size_t i = 0; i < now; i++)
                        flows_prepare(audit, &flows[done + i], &steps[i]);
                for (size_t i = 0; i < now; i++) {
                        rows_expect_row(&audit->rows, steps[i].caller.hash);
                        rows_expect_row(&audit->rows, steps[i].called.hash);
                }
                for (size_t i = 0; !r && i < now; i++)
                        r = flows_take_one(audit, &flows[done + i], &steps[i]);
        }
        return r;
}

/**
 * flows_shown() - tell whether a row is one that the admin wants to see
 * @audit:      the audit
 * @row:        the row
 * @listen:     whether sockets that wait for others are wanted
 *
 * Return: true if it is.
 */
bool flows_shown(const struct audit *audit, const struct audit_row *row, bool listen) {
        if (audit->options.watch && !row->traffic.in.packets && !row->traffic.out.packets)
                return false;
        if (row->flags & AUDIT_UNCONNECTED)
                return row->flags & AUDIT_FLOW || (listen && !audit->options.only.n);
        return flows_wanted(audit, &row->connection.remote.address);
}

/**
 * flows_port() - tell the port that was called, which says what a connection is for
 * @audit:      the audit
 * @row:        the row
 *
 * Return: the port; without conntrack: the local one if somebody listens there, else the remote
 * one.
 */
uint16_t flows_port(const struct audit *audit, const struct audit_row *row) {
        const struct connection *connection = &row->connection;

        if (row->flags & AUDIT_UNCONNECTED)
                return connection->local.port;
        if (row->flags & AUDIT_FLOW)
                return row->flags & AUDIT_OPENED ? connection->remote.port : connection->local.port;
        return rows_find_local(&audit->rows, row->protocol, &connection->local)
                       ? connection->local.port
                       : connection->remote.port;
}
