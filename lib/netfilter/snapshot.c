/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The counters of all sessions and local ports at one moment.
 *
 * Owns: one sorted array of 80 bytes a session, and the lookup in it. The rule of the way in makes
 * the session's entry; a rule of the way out without one cannot be found and is left out. There are
 * only a few ports.
 * Does not: read a table, or know what a rule is.
 */

#include "netfilter/snapshot.h"

#include <errno.h>
#include <string.h>

/* Grown by half each time, so that at most 120 bytes are taken for a session. */
#define SNAPSHOT_FIRST 64

struct snapshot_session {
        struct connection connection;
        uint32_t place; /* of a doubled rule's copies, the first in the chain counts */
        bool has_out;
        struct traffic traffic;
};

struct backend_snapshot {
        struct snapshot_session *sessions;
        size_t count;
        size_t room;
        struct backend_port *ports;
        size_t n_ports;
        unsigned int counters; /* those that a port can have here: 1 << PORT_... */
};

static int snapshot_compare_endpoint(const struct endpoint *a, const struct endpoint *b) {
        size_t size = a->address.family == AF_INET ? 4 : sizeof(a->address.bytes);
        int order = (int)a->address.family - (int)b->address.family;

        if (!order)
                order = memcmp(a->address.bytes, b->address.bytes, size);
        return order ? order : (int)a->port - (int)b->port;
}

static int snapshot_compare(const void *left, const void *right) {
        const struct snapshot_session *a = left;
        const struct snapshot_session *b = right;
        int order;

        order = snapshot_compare_endpoint(&a->connection.remote, &b->connection.remote);
        if (order)
                return order;
        return snapshot_compare_endpoint(&a->connection.local, &b->connection.local);
}

/* qsort(3) does not keep the order of what compares as equal. */
static int snapshot_compare_place(const void *left, const void *right) {
        const struct snapshot_session *a = left;
        const struct snapshot_session *b = right;
        int order = snapshot_compare(a, b);

        return order ? order : (a->place > b->place) - (a->place < b->place);
}

static struct snapshot_session *snapshot_search(const struct backend_snapshot *snapshot,
                                                const struct connection *connection) {
        struct snapshot_session key = { .connection = *connection };

        /* bsearch(3) wants an array, even an empty one */
        if (!snapshot->count)
                return NULL;
        return bsearch(&key, snapshot->sessions, snapshot->count, sizeof(key), snapshot_compare);
}

/**
 * snapshot_free() - free a snapshot
 * @snapshot:   the snapshot, or NULL
 *
 * Return: always NULL.
 */
struct backend_snapshot *snapshot_free(struct backend_snapshot *snapshot) {
        if (snapshot) {
                free(snapshot->sessions);
                free(snapshot->ports);
        }
        free(snapshot);
        return NULL;
}

/**
 * snapshot_new() - make a snapshot without sessions
 * @ret_snapshot:       the snapshot, to be given to snapshot_free()
 *
 * Return: 0 or a negative errno.
 */
int snapshot_new(struct backend_snapshot **ret_snapshot) {
        struct backend_snapshot *snapshot = calloc(1, sizeof(*snapshot));

        if (!snapshot)
                return -ENOMEM;
        *ret_snapshot = snapshot;
        return 0;
}

/**
 * snapshot_add_in() - put the counter of a session's way in
 * @snapshot:   the snapshot, which is no longer sorted
 * @connection: the session's connection; copied
 * @counter:    the counter; copied
 *
 * Return: 0 or a negative errno.
 */
int snapshot_add_in(struct backend_snapshot *snapshot, const struct connection *connection,
                    const struct counter *counter) {
        if (snapshot->count == snapshot->room) {
                size_t room = snapshot->room ? snapshot->room + snapshot->room / 2 : SNAPSHOT_FIRST;
                struct snapshot_session *sessions;

                /* one more than that could not be told apart by its place */
                if (room > UINT32_MAX)
                        return -ENOMEM;
                sessions = reallocarray(snapshot->sessions, room, sizeof(*sessions));
                if (!sessions)
                        return -ENOMEM;
                snapshot->sessions = sessions;
                snapshot->room = room;
        }

        snapshot->sessions[snapshot->count] = (struct snapshot_session){
                .connection = *connection,
                .place = (uint32_t)snapshot->count,
                .traffic.in = *counter,
        };
        snapshot->count++;
        return 0;
}

/**
 * snapshot_sort() - make the sessions findable, each of them once
 * @snapshot:   the snapshot
 *
 * Of a connection that was put twice, what came first is kept: so does the backend's read.
 */
void snapshot_sort(struct backend_snapshot *snapshot) {
        struct snapshot_session *sessions = snapshot->sessions;
        size_t kept = 0;

        if (!snapshot->count)
                return;

        qsort(sessions, snapshot->count, sizeof(*sessions), snapshot_compare_place);
        for (size_t i = 1; i < snapshot->count; i++) {
                if (snapshot_compare(&sessions[kept], &sessions[i]) != 0)
                        sessions[++kept] = sessions[i];
        }
        snapshot->count = kept + 1;
}

/**
 * snapshot_add_out() - put the counter of a session's way out
 * @snapshot:   the snapshot, sorted
 * @connection: the session's connection; one without a way in is passed over, as is the second of
 *              two that are the same
 * @counter:    the counter; copied
 */
void snapshot_add_out(struct backend_snapshot *snapshot, const struct connection *connection,
                      const struct counter *counter) {
        struct snapshot_session *session = snapshot_search(snapshot, connection);

        if (!session || session->has_out)
                return;
        session->traffic.out = *counter;
        session->has_out = true;
}

/**
 * snapshot_find() - look up a session's counters
 * @snapshot:           the snapshot
 * @connection:         the session's connection
 * @ret_traffic:        the counters
 *
 * Return: true if both of its rules were there.
 */
bool snapshot_find(const struct backend_snapshot *snapshot, const struct connection *connection,
                   struct traffic *ret_traffic) {
        const struct snapshot_session *session = snapshot_search(snapshot, connection);

        if (!session || !session->has_out)
                return false;
        *ret_traffic = session->traffic;
        return true;
}

/**
 * snapshot_can_count() - note that ports are counted here
 * @snapshot:   the snapshot
 * @counters:   which of a port's counters there are in the table that is read: 1 << PORT_...
 */
void snapshot_can_count(struct backend_snapshot *snapshot, unsigned int counters) {
        snapshot->counters |= counters;
}

/**
 * snapshot_add_port() - put one counter of a local port
 * @snapshot:   the snapshot
 * @port:       the port
 * @which:      PORT_IN4 ...; of copies the first counts
 * @counter:    the counter; copied
 *
 * Return: 0 or a negative errno.
 */
int snapshot_add_port(struct backend_snapshot *snapshot, uint16_t port, unsigned int which,
                      const struct counter *counter) {
        struct backend_port *found = NULL;

        for (size_t i = 0; !found && i < snapshot->n_ports; i++)
                if (snapshot->ports[i].port == port)
                        found = &snapshot->ports[i];
        if (!found) {
                found = reallocarray(snapshot->ports, snapshot->n_ports + 1, sizeof(*found));
                if (!found)
                        return -ENOMEM;
                snapshot->ports = found;
                found += snapshot->n_ports++;
                *found = (struct backend_port){ .port = port };
        }
        if (!found->counters[which].known)
                found->counters[which] = (struct known_counter){ true, *counter };
        return 0;
}

/**
 * snapshot_ports() - list the local ports that are counted
 * @snapshot:   the snapshot
 * @ret_n:      how many there are
 *
 * Return: the ports, in no order; the snapshot's own.
 */
const struct backend_port *snapshot_ports(const struct backend_snapshot *snapshot, size_t *ret_n) {
        *ret_n = snapshot->n_ports;
        return snapshot->ports;
}

/**
 * snapshot_port() - find a local port
 * @snapshot:   the snapshot
 * @port:       the port
 *
 * Return: its counters, the snapshot's own; NULL: it is not counted.
 */
const struct backend_port *snapshot_port(const struct backend_snapshot *snapshot, uint16_t port) {
        for (size_t i = 0; i < snapshot->n_ports; i++)
                if (snapshot->ports[i].port == port)
                        return &snapshot->ports[i];
        return NULL;
}

/**
 * snapshot_counters() - tell which counters a port has where nothing is missing
 * @snapshot:   the snapshot
 *
 * Return: 1 << PORT_..., for those of the address families that this kernel has.
 */
unsigned int snapshot_counters(const struct backend_snapshot *snapshot) {
        return snapshot->counters;
}
