/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sources of a session's counters, and readings of them.
 *
 * Owns: the ways of reading. A sample is taken for one session, and may prove that no packet was on
 * its way. Every packet passes conntrack first and the rule a moment later (hook priorities -200
 * and -150, linux/netfilter_ipv4.h). So the sample reads conntrack, pauses, reads the rules, and
 * reads conntrack again. If conntrack says the same, no packet was on its way. (Conntrack does
 * count: add and setup have put back the rule that keeps it on.) The rules are read only once,
 * because with iptables that takes the whole table. A glance takes the rules from one snapshot of
 * all sessions. Its cost for a session does not grow with their number, but it can only show that
 * nothing is wrong.
 */

#include "session/sources.h"

#include "base/clock.h"
#include "session/ownsocket.h"
#include "session/patience.h"
#include "store/fields.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

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
        for (size_t i = 0; i < BACKEND_COUNT; i++) {
                struct sources_backend *place = &sources->backends[i];

                place->snapshot = backend_snapshot_free(place->snapshot);
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

/* "auto": that of them which this kernel has, and not any one that happens to be open. */
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

static int sources_open_backend(struct sources *sources, const char *name,
                                struct sources_backend **ret_place) {
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

/**
 * sources_backend() - open a backend where that has not been done
 * @sources:            the sources
 * @name:               the backend's name, or "auto"
 * @ret_backend:        the backend; it belongs to the sources
 *
 * Return: 0, BACKEND_E_UNAVAILABLE, BACKEND_E_UNKNOWN, or a negative errno.
 */
int sources_backend(struct sources *sources, const char *name, struct backend **ret_backend) {
        struct sources_backend *place;
        int r;

        r = sources_open_backend(sources, name, &place);
        if (!r)
                *ret_backend = place->backend;
        return r;
}

static void sources_take_snapshot(struct sources *sources, struct sources_backend *place) {
        place->snapshot = backend_snapshot_free(place->snapshot);
        place->snapshot_boottime = clock_now(CLOCK_BOOTTIME);
        (void)place->backend->operations->snapshot(place->backend, sources_deadline(sources),
                                                   &place->snapshot);
}

/**
 * sources_prepare() - have a backend ready for all its sessions, once
 * @sources:    the sources
 * @name:       the backend's name, or "auto"
 * @snapshot:   read all its sessions' rules, too
 *
 * The base chains are put back where somebody took them away: the next login relies on them, too.
 * And one reading of all rules serves the whole run; without it each session is read by itself.
 *
 * Return: 0, BACKEND_E_UNAVAILABLE, BACKEND_E_UNKNOWN, or a negative errno.
 */
int sources_prepare(struct sources *sources, const char *name, bool snapshot) {
        struct sources_backend *place;
        int r;

        r = sources_open_backend(sources, name, &place);
        if (r || place->prepared)
                return r;
        place->prepared = true;
        (void)place->backend->operations->setup(place->backend, sources_deadline(sources),
                                                &place->made);
        if (snapshot)
                sources_take_snapshot(sources, place);
        return 0;
}

/**
 * sources_observe() - read all rules of a backend's sessions, once, and change nothing
 * @sources:    the sources
 * @name:       the backend's name
 * @proc_fd:    an open /proc
 *
 * Nothing is put back, and no table comes into being because it was looked at.
 *
 * Return: 0, BACKEND_E_UNAVAILABLE, BACKEND_E_UNKNOWN, BACKEND_E_BUSY, or a negative errno.
 */
int sources_observe(struct sources *sources, const char *name, int proc_fd) {
        struct sources_backend *place;
        int r;

        if (backend_is_untouched(name, proc_fd))
                return BACKEND_E_UNAVAILABLE;
        r = sources_open_backend(sources, name, &place);
        if (r || place->prepared)
                return r;
        place->prepared = true;
        place->snapshot_boottime = clock_now(CLOCK_BOOTTIME);
        return place->backend->operations->snapshot(place->backend,
                                                    clock_now(CLOCK_MONOTONIC) +
                                                            SOURCES_PATIENCE_LOOK,
                                                    &place->snapshot);
}

/**
 * sources_snapshot() - the snapshot of a backend that sources_prepare() has made ready
 * @sources:    the sources
 * @name:       the backend's name, or "auto"
 *
 * Return: the backend and its latest snapshot, or NULL if there is none.
 */
const struct sources_backend *sources_snapshot(struct sources *sources, const char *name) {
        struct sources_backend *place;

        if (sources_open_backend(sources, name, &place) || !place->snapshot)
                return NULL;
        return place;
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
 * sources_read_rules() - read what the rules of a session's addresses and ports have counted
 * @session:    the session, with its state
 * @ret_rules:  the counters; not known where there are none
 *
 * Return: 0, or BACKEND_E_BUSY if they cannot be read now.
 */
int sources_read_rules(struct session *session, struct known_traffic *ret_rules) {
        struct connection connection = sources_connection(session);
        struct backend *backend;
        struct traffic traffic;
        int r;

        *ret_rules = (struct known_traffic){ 0 };
        if (!session->state->backend ||
            sources_backend(session->sources, session->state->backend, &backend))
                return 0;
        r = backend->operations->read(backend, &connection, sources_deadline(session->sources),
                                      &traffic);
        if (!r)
                *ret_rules = (struct known_traffic){ true, traffic };
        return r == BACKEND_E_BUSY ? r : 0;
}

/* TCP first, then conntrack. */
static void sources_read_tcp(struct session *session, struct tcpinfo *ret_info) {
        struct sockdiag_socket socket;

        *ret_info = (struct tcpinfo){ 0 };
        if (!ownsocket_get(session, &socket))
                *ret_info = socket.info;
}

static void sources_read_rest(struct session *session, struct sample *sample) {
        const struct state *state = session->state;
        struct conntrack_entry entry;

        sources_read_tcp(session, &sample->info);
        sample->after = (struct tcpinfo){ 0 };
        sample->loopback = address_equal(&state->remote.address, &state->local.address) ||
                           (state->remote.address.family == AF_INET &&
                            state->remote.address.bytes[0] == IN_LOOPBACKNET);
        sample->conntrack = (struct known_traffic){ 0 };
        sample->conntrack_id = FIELD_UNKNOWN;
        sample->picked_up = false;
        sample->busy = false;
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

/* Whether conntrack still says what it said in a sample. */
static bool sources_stand_still(struct session *session, const struct sample *sample) {
        struct conntrack_entry entry;

        return sample->conntrack.known && !sources_conntrack(session, &entry) &&
               entry.has_counters && entry.id == sample->conntrack_id &&
               traffic_equal(&entry.traffic, &sample->conntrack.traffic);
}

/**
 * sources_sample() - read everything that counts a session
 * @session:    the session, with its state
 * @ret_sample: the readings
 */
void sources_sample(struct session *session, struct sample *ret_sample) {
        bool still;

        sources_read_rest(session, ret_sample);
        ret_sample->stale = false;
        clock_sleep(SOURCES_PAUSE);
        ret_sample->busy = sources_read_rules(session, &ret_sample->rules);
        still = sources_stand_still(session, ret_sample);
        if (still)
                sources_read_tcp(session, &ret_sample->after);
        ret_sample->quiet = still && ret_sample->rules.known;
}

/**
 * sources_peek() - read what costs the same at any number of sessions: TCP and conntrack
 * @session:    the session, with its state
 * @ret_sample: the readings, without rules
 */
void sources_peek(struct session *session, struct sample *ret_sample) {
        sources_read_rest(session, ret_sample);
        ret_sample->rules = (struct known_traffic){ 0 };
        ret_sample->stale = false;
        ret_sample->quiet = false;
}

/**
 * sources_look_again() - replace the snapshots of all sessions' rules by new ones
 * @sources:    the sources
 */
void sources_look_again(struct sources *sources) {
        for (size_t i = 0; i < BACKEND_COUNT; i++) {
                struct sources_backend *place = &sources->backends[i];

                if (place->snapshot)
                        sources_take_snapshot(sources, place);
        }
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
        struct sources *sources = session->sources;
        struct sources_backend *place;

        /* of a backend that is no longer the configured one, this may be the first session */
        if (!sources->all || !session->state->backend ||
            sources_prepare(sources, session->state->backend, true) ||
            sources_open_backend(sources, session->state->backend, &place) || !place->snapshot)
                return false;
        /* it may have another's rules: those of a session before, with the same tuple */
        if (session->state->seen_boottime >= (int64_t)place->snapshot_boottime)
                return false;
        ret_sample->rules.known =
                backend_snapshot_find(place->snapshot, &connection, &ret_sample->rules.traffic);
        sources_read_rest(session, ret_sample);
        ret_sample->quiet = false;
        ret_sample->stale = true;
        return ret_sample->rules.known;
}
