/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sources of a session's counters, and readings of them.
 *
 * Owns: the ways of reading. SOURCES_AT_ONCE reads one session, and may prove that no packet was on
 * its way. Every packet passes conntrack first and the rule a moment later (hook priorities -200
 * and -150, linux/netfilter_ipv4.h). So it reads conntrack, pauses, reads the rules, and reads
 * conntrack again. If conntrack says the same, no packet was on its way. (Conntrack does count: add
 * and setup have put back the rule that keeps it on.) The rules are read only once, because with
 * iptables that takes the whole table. SOURCES_SNAPSHOT takes the rules from one snapshot of all
 * sessions. Its cost for a session does not grow with their number, but it can only show that
 * nothing is wrong.
 * Does not: change anything in the kernel; session/tables.c does.
 */

#include "reading/sources.h"

#include "base/clock.h"
#include "base/patience.h"
#include "reading/ownsocket.h"
#include "store/fields.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* How many samples may pass until traffic pauses for one. */
#define SOURCES_ROUNDS 20

/**
 * sources_open() - open the way to conntrack, which every session needs
 * @sources:    all zero; to be given to sources_close() whatever is returned
 * @patience:   how long all readings together may wait for the tables, microseconds
 *
 * What this kernel does not have stays NULL; readings then say "not known". The other ways are
 * opened when they are needed: a login waits for this one alone.
 *
 * Return: 0, or a negative errno.
 */
int sources_open(struct sources *sources, uint64_t patience) {
        int r = conntrack_new(&sources->conntrack);

        sources->patience = patience;
        return r < 0 ? r : 0;
}

/**
 * sources_close() - give back what was opened
 * @sources:    the sources
 */
void sources_close(struct sources *sources) {
        for (size_t i = 0; i < BACKEND_COUNT; i++) {
                struct sources_backend *place = &sources->backends[i];

                place->snapshot = snapshot_free(place->snapshot);
                place->backend = backend_free(place->backend);
        }
        sources->automatic = NULL;
        sources->sockdiag = sockdiag_free(sources->sockdiag);
        sources->conntrack = conntrack_free(sources->conntrack);
}

/* The place of a backend, or a free one for it; NULL for a name that none has. */
static struct sources_backend *sources_place(struct sources *sources, const char *name) {
        for (size_t i = 0; i < BACKEND_COUNT; i++) {
                struct sources_backend *place = &sources->backends[i];

                if (!place->backend || !strcmp(place->backend->operations->name, name))
                        return place;
        }
        return NULL;
}

/* "auto": the backend that this kernel has, not one that happens to be open. */
static int sources_automatic(struct sources *sources) {
        _cleanup_(backend_freep) struct backend *backend = NULL;
        struct sources_backend *place;
        int r;

        if (sources->automatic)
                return 0;
        r = backend_new("auto", &backend);
        if (r)
                return r;
        place = sources_place(sources, backend->operations->name);
        if (!place)
                return BACKEND_E_UNKNOWN;
        if (!place->backend)
                place->backend = pointer_steal(&backend);
        sources->automatic = place->backend;
        return 0;
}

/**
 * sources_backend() - open a backend if it is not open yet
 * @sources:            the sources
 * @name:               the backend's name, or "auto"
 * @ret_place:          the backend, and what was read of it; it belongs to the sources
 *
 * Return: 0, BACKEND_E_UNAVAILABLE, BACKEND_E_UNKNOWN, or a negative errno.
 */
int sources_backend(struct sources *sources, const char *name, struct sources_backend **ret_place) {
        struct sources_backend *place;
        int r;

        if (!strcmp(name, "auto")) {
                r = sources_automatic(sources);
                if (r)
                        return r;
                name = sources->automatic->operations->name;
        }
        place = sources_place(sources, name);
        if (!place)
                return BACKEND_E_UNKNOWN;
        r = place->backend ? 0 : backend_new(name, &place->backend);
        if (!r)
                *ret_place = place;
        return r;
}

static int sources_take_snapshot(struct sources *sources, struct sources_backend *place) {
        place->snapshot = snapshot_free(place->snapshot);
        place->snapshot_boottime = clock_now(CLOCK_BOOTTIME);
        return place->backend->operations->snapshot(place->backend, sourceswait_deadline(sources),
                                                    &place->snapshot);
}

/**
 * sources_observe() - read all rules of a backend's sessions, once
 * @sources:    the sources
 * @name:       the backend's name, or "auto"
 * @proc_fd:    an open /proc
 *
 * Reading makes no table that was not there. One reading serves the whole run; without it, each
 * session is read by itself.
 *
 * Return: 0, also if that was tried before; BACKEND_E_UNAVAILABLE, BACKEND_E_UNKNOWN,
 *         BACKEND_E_BUSY, or a negative errno.
 */
int sources_observe(struct sources *sources, const char *name, int proc_fd) {
        struct sources_backend *place;
        int r;

        if (backend_is_untouched(name, proc_fd))
                return BACKEND_E_UNAVAILABLE;
        r = sources_backend(sources, name, &place);
        if (r || place->observed)
                return r;
        place->observed = true;
        return sources_take_snapshot(sources, place);
}

/**
 * sources_observe_again() - replace the snapshots of all sessions' rules by new ones
 * @sources:    the sources
 */
void sources_observe_again(struct sources *sources) {
        for (size_t i = 0; i < BACKEND_COUNT; i++)
                if (sources->backends[i].snapshot)
                        (void)sources_take_snapshot(sources, &sources->backends[i]);
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

static void sources_read_tcp(struct session *session, struct tcpinfo *ret_info) {
        struct sockdiag_socket socket;

        *ret_info = (struct tcpinfo){ 0 };
        if (!ownsocket_get(session, &socket))
                *ret_info = socket.info;
}

static void sources_read_conntrack(struct session *session, struct sample *sample) {
        struct conntrack_entry entry;

        sample->conntrack_id = FIELD_UNKNOWN;
        sample->reset = true;
        if (sources_conntrack(session, &entry))
                return;
        sample->reset = conntrack_entry_reset(&entry);
        if (entry.has_counters) {
                sample->conntrack = (struct known_traffic){ true, entry.traffic };
                sample->conntrack_id = entry.id;
                sample->picked_up = entry.picked_up;
        }
}

/* Whether conntrack still says the same as in a sample. */
static bool sources_stand_still(struct session *session, const struct sample *sample) {
        struct conntrack_entry entry;

        return sample->conntrack.known && !sources_conntrack(session, &entry) &&
               entry.has_counters && entry.id == sample->conntrack_id &&
               traffic_equal(&entry.traffic, &sample->conntrack.traffic);
}

static void sources_read_rules(struct session *session, struct sample *sample) {
        struct connection connection = sources_connection(session);
        struct known_traffic *rules = &sample->rules;
        struct sources_backend *place;
        int r;

        if (!session->state->backend ||
            sources_backend(session->sources, session->state->backend, &place))
                return;
        r = place->backend->operations->read(place->backend, &connection,
                                             sourceswait_deadline(session->sources),
                                             &rules->traffic);
        rules->known = !r;
        sample->busy = r == BACKEND_E_BUSY;
}

/* Take the rules of one session from the snapshot of all. */
static void sources_find_rules(struct session *session, struct sample *sample) {
        struct connection connection = sources_connection(session);
        const struct state *state = session->state;
        struct sources *sources = session->sources;
        struct sources_backend *place;

        sample->stale = true;
        if (!sources->all || !state->backend ||
            sources_observe(sources, state->backend, session->context->proc_fd) ||
            sources_backend(sources, state->backend, &place) || !place->snapshot)
                return;
        /* it may have the rules of an earlier session with the same tuple */
        if (state->seen_boottime < (int64_t)place->snapshot_boottime)
                sample->rules.known =
                        snapshot_find(place->snapshot, &connection, &sample->rules.traffic);
}

/**
 * sources_read() - read what counts a session
 * @session:    the session, with its state
 * @way:        which rules are read, and how
 * @ret_sample: the readings; a value that is not known, or not asked for, is marked so
 *
 * TCP is read before conntrack, and both before the rules, except for the rules of a snapshot.
 *
 * Return: whether the rules' counters are known.
 */
bool sources_read(struct session *session, enum sources_way way, struct sample *ret_sample) {
        const struct state *state = session->state;
        bool still;

        *ret_sample = (struct sample){
                .loopback = address_equal(&state->remote.address, &state->local.address) ||
                            (state->remote.address.family == AF_INET &&
                             state->remote.address.bytes[0] == IN_LOOPBACKNET),
        };
        if (way == SOURCES_SNAPSHOT)
                sources_find_rules(session, ret_sample);
        sources_read_tcp(session, &ret_sample->info);
        sources_read_conntrack(session, ret_sample);
        if (way == SOURCES_AT_ONCE) {
                clock_sleep(SOURCES_PAUSE);
                sources_read_rules(session, ret_sample);
                still = sources_stand_still(session, ret_sample);
                if (still)
                        sources_read_tcp(session, &ret_sample->after);
                ret_sample->quiet = still && ret_sample->rules.known;
        }
        return ret_sample->rules.known;
}

/**
 * sources_read_quiet() - read what counts a session, at a moment in which no packet comes
 * @session:    the session, with its state
 * @ret_sample: as of sources_read(); not quiet if there was no such moment in SOURCES_ROUNDS
 *
 * Return: whether the rules' counters are known.
 */
bool sources_read_quiet(struct session *session, struct sample *ret_sample) {
        int rounds = SOURCES_ROUNDS;

        do
                (void)sources_read(session, SOURCES_AT_ONCE, ret_sample);
        while (!ret_sample->busy && !ret_sample->quiet && ret_sample->conntrack.known && --rounds);
        return ret_sample->rules.known;
}
