/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sources of a session's counters, and readings of them.
 *
 * Owns: the two ways of reading. A sample is taken for one session and may tell that no packet was
 * on its way: every packet passes conntrack first and the rule a moment later (hook priorities -200
 * and -150, linux/netfilter_ipv4.h); so the rules are read, then conntrack, and after a pause the
 * rules again, and if they are the same, there was none. A glance takes the rules from one snapshot
 * of all sessions: it costs nothing that grows, and tells no more than that nothing is wrong.
 */

#include "session/sources.h"

#include "pam_traffic/clock.h"
#include "store/fields.h"

#include <string.h>

/* How long to wait for the lock of the tables: other people's commits take seconds at the worst. */
#define SOURCES_PATIENCE (60 * CLOCK_SECOND)

/* Far longer than a packet needs from one hook to the next. */
#define SOURCES_PAUSE UINT64_C(1000)

/**
 * sources_open() - open the way to conntrack, which every session needs
 * @sources:    all zero; to be given to sources_close() whatever is returned
 *
 * What this kernel does not have stays NULL; readings then say "not known". The other ways are
 * opened when they are needed: a login waits for this one alone.
 *
 * Return: 0, or a negative errno.
 */
int sources_open(struct sources *sources) {
        int r = conntrack_new(&sources->conntrack);

        return r < 0 ? r : 0;
}

/**
 * sources_close() - give back what was opened
 * @sources:    the sources
 */
void sources_close(struct sources *sources) {
        sources->snapshot = backend_snapshot_free(sources->snapshot);
        sources->backend = backend_free(sources->backend);
        sources->sockdiag = sockdiag_free(sources->sockdiag);
        sources->conntrack = conntrack_free(sources->conntrack);
}

/**
 * sources_backend() - open a backend where that has not been done
 * @sources:    the sources
 * @name:       the backend's name, or "auto"
 *
 * Return: 0, BACKEND_E_UNAVAILABLE, BACKEND_E_UNKNOWN, or a negative errno.
 */
int sources_backend(struct sources *sources, const char *name) {
        if (sources->backend &&
            (!strcmp(name, "auto") || !strcmp(name, sources->backend->operations->name)))
                return 0;
        sources->backend = backend_free(sources->backend);
        return backend_new(name, &sources->backend);
}

/**
 * sources_deadline() - the latest moment at which to wait for the lock of the tables
 *
 * Return: microseconds of CLOCK_MONOTONIC.
 */
uint64_t sources_deadline(void) {
        return clock_now(CLOCK_MONOTONIC) + SOURCES_PATIENCE;
}

/**
 * sources_backend_reason() - say why a backend could not do something
 * @r:          BACKEND_E_... or a negative errno
 *
 * Return: a clause for a log line.
 */
const char *sources_backend_reason(int r) {
        switch (r) {
        case BACKEND_E_UNAVAILABLE:
                return "this kernel does not have it, or it is not loaded: run `pam_traffic_helper "
                       "setup`";
        case BACKEND_E_BUSY:
                return "another program held the lock of the tables for a minute";
        case BACKEND_E_NOT_FOUND:
                return "they are gone: another program flushed the tables";
        case BACKEND_E_UNKNOWN:
                return "no backend of that name";
        default:
                return strerror(-r);
        }
}

/**
 * sources_connection() - the connection of a session
 * @session:    the session, with its state
 *
 * Return: the four-tuple as the socket has it.
 */
struct connection sources_connection(const struct session *session) {
        return (struct connection){ .local = session->state->local,
                                    .remote = session->state->remote };
}

/**
 * sources_conntrack() - look up the session's connection in conntrack
 * @session:    the session, with its state
 * @ret_entry:  the entry
 *
 * Return: 0, CONNTRACK_E_NOT_FOUND, CONNTRACK_E_UNAVAILABLE, or a negative errno.
 */
int sources_conntrack(struct session *session, struct conntrack_entry *ret_entry) {
        struct connection connection = sources_connection(session);

        if (!session->sources->conntrack)
                return CONNTRACK_E_UNAVAILABLE;
        return conntrack_get(session->sources->conntrack, &connection, ret_entry);
}

/**
 * sources_socket() - look up the session's socket
 * @session:    the session, with its state
 * @ret_socket: the socket; another one with the same four-tuple is none
 *
 * Return: 0, SOCKDIAG_E_NOT_FOUND, SOCKDIAG_E_UNAVAILABLE, or a negative errno.
 */
int sources_socket(struct session *session, struct sockdiag_socket *ret_socket) {
        struct connection connection = sources_connection(session);
        struct sources *sources = session->sources;
        struct sockdiag_socket socket;
        int r;

        if (!sources->sockdiag_tried && sockdiag_new(&sources->sockdiag))
                sources->sockdiag = NULL;
        sources->sockdiag_tried = true;
        if (!sources->sockdiag)
                return SOCKDIAG_E_UNAVAILABLE;
        r = sockdiag_get(sources->sockdiag, &connection, &socket);
        if (r)
                return r;
        /* inode 0: closed by all, but the kernel still has bytes of it to send */
        if (socket.inode && session->state->inode != FIELD_UNKNOWN &&
            socket.inode != (uint64_t)session->state->inode)
                return SOCKDIAG_E_NOT_FOUND;
        *ret_socket = socket;
        return 0;
}

static void sources_read_rules(struct session *session, struct known_traffic *ret_rules) {
        struct connection connection = sources_connection(session);
        struct traffic traffic;

        *ret_rules = (struct known_traffic){ 0 };
        if (!session->state->backend || sources_backend(session->sources, session->state->backend))
                return;
        if (!session->sources->backend->operations->read(session->sources->backend, &connection,
                                                         sources_deadline(), &traffic))
                *ret_rules = (struct known_traffic){ true, traffic };
}

/* TCP first, then conntrack. */
static void sources_read_rest(struct session *session, struct sample *sample) {
        struct sockdiag_socket socket;
        struct conntrack_entry entry;

        sample->info = (struct tcpinfo){ 0 };
        if (!sources_socket(session, &socket))
                sample->info = socket.info;

        sample->conntrack = (struct known_traffic){ 0 };
        sample->conntrack_id = FIELD_UNKNOWN;
        sample->reset = true;
        if (sources_conntrack(session, &entry))
                return;
        sample->reset = conntrack_entry_reset(&entry);
        if (entry.has_counters) {
                sample->conntrack = (struct known_traffic){ true, entry.traffic };
                sample->conntrack_id = entry.id;
        }
}

/**
 * sources_sample() - read everything that counts a session
 * @session:    the session, with its state
 * @ret_sample: the readings
 */
void sources_sample(struct session *session, struct sample *ret_sample) {
        struct known_traffic before;

        sources_read_rules(session, &before);
        sources_read_rest(session, ret_sample);
        ret_sample->stale = false;
        clock_sleep(SOURCES_PAUSE);
        sources_read_rules(session, &ret_sample->rules);
        ret_sample->quiet = before.known && ret_sample->rules.known &&
                            traffic_equal(&before.traffic, &ret_sample->rules.traffic);
}

/**
 * sources_glance() - read a session from the snapshot of all
 * @session:    the session, with its state
 * @ret_sample: the readings, of different moments
 *
 * Return: false if a sample is needed instead: no snapshot, or rules that are not in it.
 */
bool sources_glance(struct session *session, struct sample *ret_sample) {
        struct connection connection = sources_connection(session);

        if (!session->sources->snapshot)
                return false;
        ret_sample->rules.known = backend_snapshot_find(session->sources->snapshot, &connection,
                                                        &ret_sample->rules.traffic);
        sources_read_rest(session, ret_sample);
        ret_sample->quiet = false;
        ret_sample->stale = true;
        return ret_sample->rules.known;
}
