/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A connection, or a sum of them, as columns.
 *
 * Owns: the columns, their values, and their order when rows are sorted by them.
 */

#include "socketrow.h"

#include "base/base.h"
#include "cli/session/sessionrow.h"
#include "cli/shared/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct table_column socketrow_columns[SOCKETROW_COLUMNS] = {
        [SOCKETROW_TIME] = { "TIME", 0 },
        [SOCKETROW_USER] = { "USER", 0 },
        [SOCKETROW_UID] = { "UID", TABLE_RIGHT },
        [SOCKETROW_PID] = { "PID", TABLE_RIGHT },
        [SOCKETROW_PROGRAM] = { "PROGRAM", 0 },
        [SOCKETROW_SESSION] = { "SESSION", 0 },
        [SOCKETROW_PROTO] = { "PROTO", TABLE_YIELD_FIRST },
        [SOCKETROW_STATE] = { "STATE", TABLE_YIELD_NEXT },
        [SOCKETROW_LOCAL] = { "LOCAL", TABLE_TRUNCATE },
        [SOCKETROW_LOCAL_PORT] = { "LOCAL_PORT", TABLE_RIGHT },
        [SOCKETROW_REMOTE] = { "REMOTE", TABLE_TRUNCATE },
        [SOCKETROW_REMOTE_PORT] = { "REMOTE_PORT", TABLE_RIGHT },
        [SOCKETROW_PORT] = { "PORT", TABLE_RIGHT },
        [SOCKETROW_SOCKETS] = { "SOCKETS", TABLE_RIGHT },
        [SOCKETROW_IN_BYTES] = { "IN_BYTES", TABLE_RIGHT },
        [SOCKETROW_IN_PACKETS] = { "IN_PACKETS", TABLE_RIGHT },
        [SOCKETROW_OUT_BYTES] = { "OUT_BYTES", TABLE_RIGHT },
        [SOCKETROW_OUT_PACKETS] = { "OUT_PACKETS", TABLE_RIGHT },
        [SOCKETROW_IN_RATE] = { "IN_RATE", TABLE_RIGHT },
        [SOCKETROW_OUT_RATE] = { "OUT_RATE", TABLE_RIGHT },
        [SOCKETROW_AGE] = { "AGE", TABLE_RIGHT },
};

/**
 * socketrow_column_parse() - find a column
 * @name:       its name, in letters of any size
 * @size:       how many
 * @ret_column: the column
 *
 * Return: true if there is one.
 */
bool socketrow_column_parse(const char *name, size_t size, enum socketrow_column *ret_column) {
        for (enum socketrow_column i = 0; i < SOCKETROW_COLUMNS; i++)
                if (strlen(socketrow_columns[i].name) == size &&
                    !strncasecmp(socketrow_columns[i].name, name, size)) {
                        *ret_column = i;
                        return true;
                }
        return false;
}

/**
 * socketrow_name() - name a column for programs
 * @column:     the column
 *
 * Return: its name in small letters.
 */
const char *socketrow_name(enum socketrow_column column) {
        static const char *const names[SOCKETROW_COLUMNS] = {
                "time",    "user",     "uid",      "pid",        "program",   "session",
                "proto",   "state",    "local",    "local_port", "remote",    "remote_port",
                "port",    "sockets",  "in_bytes", "in_packets", "out_bytes", "out_packets",
                "in_rate", "out_rate", "age",
        };

        return names[column];
}

static const char *socketrow_protocol(uint8_t protocol, char *buffer, size_t room) {
        switch (protocol) {
        case IPPROTO_TCP:
                return "tcp";
        case IPPROTO_UDP:
                return "udp";
        case IPPROTO_ICMP:
                return "icmp";
        case IPPROTO_ICMPV6:
                return "icmpv6";
        case IPPROTO_SCTP:
                return "sctp";
        case IPPROTO_GRE:
                return "gre";
        case IPPROTO_UDPLITE:
                return "udplite";
        case IPPROTO_DCCP:
                return "dccp";
        default:
                (void)snprintf(buffer, room, "%u", protocol);
                return buffer;
        }
}

static void socketrow_number(struct socketrow_value *value, enum socketrow_kind kind, bool known,
                             uint64_t number) {
        value->kind = known ? kind : SOCKETROW_UNKNOWN;
        value->number = number;
}

static void socketrow_text(struct socketrow_value *value, const char *text) {
        value->kind = text ? SOCKETROW_TEXT : SOCKETROW_UNKNOWN;
        value->text = text;
}

static void socketrow_end(struct socketrow_value *value, bool known,
                          const struct endpoint *endpoint) {
        value->kind = SOCKETROW_UNKNOWN;
        if (known && endpoint->address.family) {
                address_format(&endpoint->address, value->buffer);
                socketrow_text(value, value->buffer);
        }
}

static uint64_t socketrow_rate(const struct socketrow_world *world, uint64_t bytes) {
        return (uint64_t)((double)bytes * CLOCK_SECOND / (double)world->interval + 0.5);
}

/* A login whose state is not known is still a login. */
static const char *socketrow_session(const struct socketrow_world *world,
                                     const struct audit_row *row) {
        const char *session = audit_name(world->audit, row->owner.session);

        return !session && row->flags & AUDIT_LOGIN ? "ssh" : session;
}

/**
 * socketrow_value() - what a row has in a column
 * @world:      besides the rows
 * @socketrow:  the row
 * @column:     the column
 * @ret_value:  the value
 */
void socketrow_value(const struct socketrow_world *world, const struct socketrow *socketrow,
                     enum socketrow_column column, struct socketrow_value *ret_value) {
        const struct audit_row *row = socketrow->row;
        const struct endpoint *local = &row->connection.local, *remote = &row->connection.remote;
        const struct audit_owner *owner = &row->owner;
        bool counted = row->flags & AUDIT_COUNTED, connected = !(row->flags & AUDIT_UNCONNECTED);
        bool ports = row->protocol == IPPROTO_TCP || row->protocol == IPPROTO_UDP;

        ret_value->kind = SOCKETROW_UNKNOWN;
        switch (column) {
        case SOCKETROW_TIME:
                socketrow_text(ret_value, world->time);
                break;
        case SOCKETROW_USER:
                if (owner->uid != AUDIT_UNKNOWN)
                        socketrow_text(ret_value, users_name(world->users, owner->uid));
                break;
        case SOCKETROW_UID:
                socketrow_number(ret_value, SOCKETROW_NUMBER, owner->uid != AUDIT_UNKNOWN,
                                 owner->uid);
                break;
        case SOCKETROW_PID:
                socketrow_number(ret_value, SOCKETROW_NUMBER, owner->pid != AUDIT_UNKNOWN,
                                 owner->pid);
                break;
        case SOCKETROW_PROGRAM:
                socketrow_text(ret_value, audit_name(world->audit, owner->program));
                break;
        case SOCKETROW_SESSION:
                socketrow_text(ret_value, socketrow_session(world, row));
                break;
        case SOCKETROW_PROTO:
                socketrow_text(ret_value, socketrow_protocol(row->protocol, ret_value->buffer,
                                                             sizeof(ret_value->buffer)));
                break;
        case SOCKETROW_STATE:
                socketrow_text(ret_value, audit_state_name(row->state));
                break;
        case SOCKETROW_LOCAL:
                socketrow_end(ret_value, true, local);
                break;
        case SOCKETROW_LOCAL_PORT:
                socketrow_number(ret_value, SOCKETROW_NUMBER, ports, local->port);
                break;
        case SOCKETROW_REMOTE:
                socketrow_end(ret_value, connected, remote);
                break;
        case SOCKETROW_REMOTE_PORT:
                socketrow_number(ret_value, SOCKETROW_NUMBER, ports && connected, remote->port);
                break;
        case SOCKETROW_PORT:
                socketrow_number(ret_value, SOCKETROW_NUMBER, ports, flows_port(world->audit, row));
                break;
        case SOCKETROW_SOCKETS:
                socketrow_number(ret_value, SOCKETROW_NUMBER, true, socketrow->sockets);
                break;
        case SOCKETROW_IN_BYTES:
                socketrow_number(ret_value, SOCKETROW_BYTES, counted, row->traffic.in.bytes);
                break;
        case SOCKETROW_IN_PACKETS:
                socketrow_number(ret_value, SOCKETROW_NUMBER, counted, row->traffic.in.packets);
                break;
        case SOCKETROW_OUT_BYTES:
                socketrow_number(ret_value, SOCKETROW_BYTES, counted, row->traffic.out.bytes);
                break;
        case SOCKETROW_OUT_PACKETS:
                socketrow_number(ret_value, SOCKETROW_NUMBER, counted, row->traffic.out.packets);
                break;
        case SOCKETROW_IN_RATE:
                if (world->interval)
                        socketrow_number(ret_value, SOCKETROW_BYTES, counted,
                                         socketrow_rate(world, row->traffic.in.bytes));
                break;
        case SOCKETROW_OUT_RATE:
                if (world->interval)
                        socketrow_number(ret_value, SOCKETROW_BYTES, counted,
                                         socketrow_rate(world, row->traffic.out.bytes));
                break;
        case SOCKETROW_AGE:
                socketrow_number(ret_value, SOCKETROW_SECONDS, row->age != AUDIT_UNKNOWN, row->age);
                break;
        case SOCKETROW_COLUMNS:
                break;
        }
}

static int socketrow_order(uint64_t a, uint64_t b) {
        return a < b ? -1 : a > b;
}

static int socketrow_compare_ends(const struct endpoint *a, const struct endpoint *b) {
        int r = socketrow_order(a->address.family, b->address.family);

        if (!r)
                r = memcmp(a->address.bytes, b->address.bytes, sizeof(a->address.bytes));
        return r ? r : socketrow_order(a->port, b->port);
}

/**
 * socketrow_compare() - tell which row comes first
 * @world:      besides the rows
 * @column:     the column to sort by
 * @a:          a row
 * @b:          another one
 *
 * Return: below 0 if @a does: what moved or lasted most, else what is least; unknown is last.
 */
int socketrow_compare(const struct socketrow_world *world, enum socketrow_column column,
                      const struct socketrow *a, const struct socketrow *b) {
        struct socketrow_value one, other;
        bool most = column >= SOCKETROW_SOCKETS;

        if (column == SOCKETROW_LOCAL)
                return socketrow_compare_ends(&a->row->connection.local, &b->row->connection.local);
        if (column == SOCKETROW_REMOTE)
                return socketrow_compare_ends(&a->row->connection.remote,
                                              &b->row->connection.remote);
        socketrow_value(world, a, column, &one);
        socketrow_value(world, b, column, &other);
        if (one.kind == SOCKETROW_UNKNOWN || other.kind == SOCKETROW_UNKNOWN)
                return (one.kind == SOCKETROW_UNKNOWN) - (other.kind == SOCKETROW_UNKNOWN);
        if (one.kind == SOCKETROW_TEXT)
                return strcmp(one.text, other.text);
        return most ? socketrow_order(other.number, one.number)
                    : socketrow_order(one.number, other.number);
}

/* An end of a row for people: the address and, if it has one and it is wanted, the port. */
static void socketrow_cell_end(const struct audit_row *row, bool remote, bool port,
                               char ret_cell[static TABLE_CELL_MAX]) {
        const struct endpoint *endpoint = remote ? &row->connection.remote : &row->connection.local;
        char text[ADDRESS_TEXT_MAX];

        if (remote && row->flags & AUDIT_UNCONNECTED) {
                (void)snprintf(ret_cell, TABLE_CELL_MAX, "*");
                return;
        }
        address_format(&endpoint->address, text);
        if (!port || (row->protocol != IPPROTO_TCP && row->protocol != IPPROTO_UDP))
                (void)snprintf(ret_cell, TABLE_CELL_MAX, "%s", text);
        else
                (void)snprintf(ret_cell, TABLE_CELL_MAX,
                               endpoint->address.family == AF_INET6 ? "[%s]:%u" : "%s:%u", text,
                               endpoint->port);
}

/**
 * socketrow_login() - name a login's own connection
 * @world:      besides the rows
 * @row:        the row, AUDIT_LOGIN
 * @text:       gets "ssh", with the user and the end of the session's id where they are known
 * @room:       its bytes
 */
void socketrow_login(const struct socketrow_world *world, const struct audit_row *row, char *text,
                     size_t room) {
        const char *session = audit_name(world->audit, row->owner.session);
        const char *user = audit_name(world->audit, row->owner.login_user);
        size_t length = session ? strlen(session) : 0;

        if (length > SESSIONROW_ID)
                session += length - SESSIONROW_ID;
        (void)snprintf(text, room, "ssh%s%s%s%s", user ? " " : "", user ? user : "",
                       session ? " " : "", session ? session : "");
}

/**
 * socketrow_cell() - what people see of a row in a column
 * @world:      besides the rows
 * @table:      the table
 * @row:        the row
 * @column:     the column
 * @form:       how they want it
 * @ret_cell:   the cell
 */
void socketrow_cell(const struct socketrow_world *world, const struct table *table,
                    const struct socketrow *row, enum socketrow_column column,
                    const struct socketrow_form *form, char ret_cell[static TABLE_CELL_MAX]) {
        char text[SOCKETROW_LOGIN_MAX];
        struct socketrow_value value;

        *ret_cell = '\0';
        if (!row->sockets && (column == SOCKETROW_LOCAL || column == SOCKETROW_REMOTE)) {
                socketrow_cell_end(row->row, column == SOCKETROW_REMOTE,
                                   column == SOCKETROW_REMOTE ? !form->remote_port
                                                              : !form->local_port,
                                   ret_cell);
                return;
        }
        if (column == SOCKETROW_SESSION && row->row->flags & AUDIT_LOGIN) {
                socketrow_login(world, row->row, text, sizeof(text));
                table_text(table, text, ret_cell);
                return;
        }
        socketrow_value(world, row, column, &value);
        if (value.kind == SOCKETROW_TEXT)
                table_text(table, value.text, ret_cell);
        else if (value.kind == SOCKETROW_BYTES && !form->exact)
                human_bytes(value.number, ret_cell);
        else if (value.kind == SOCKETROW_SECONDS && !form->exact)
                human_duration(value.number * CLOCK_SECOND, ret_cell);
        else if (value.kind != SOCKETROW_UNKNOWN)
                (void)snprintf(ret_cell, TABLE_CELL_MAX, "%" PRIu64, value.number);
}
