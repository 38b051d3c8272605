/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Changing the kernel's tables for sessions.
 *
 * Owns: every change of the tables, except for those of setup and teardown (kernelsetup.c) and of
 * ports (ports/portrun.c). lib/reading cannot change them: it may not include netfilter/changes.h.
 */

#include "session/tables.h"

#include "base/clock.h"
#include "netfilter/changes.h"
#include "ports/ports.h"

/**
 * tables_prepare() - make a backend's base ready for all its sessions, once
 * @sources:    the sources
 * @name:       the backend's name, or "auto"
 *
 * If somebody removed the base chains, they are put back: the next login relies on them, too.
 *
 * Return: 0, BACKEND_E_UNAVAILABLE, BACKEND_E_UNKNOWN, or a negative errno.
 */
int tables_prepare(struct sources *sources, const char *name) {
        struct sources_backend *place;
        int r;

        r = sources_backend(sources, name, &place);
        if (r || place->prepared)
                return r;
        place->prepared = true;
        (void)place->backend->changes->setup(place->backend, sourceswait_deadline(sources),
                                             &place->made);
        return 0;
}

/**
 * tables_add() - install the rules of a session
 * @session:    the session, with its state, which names the backend
 * @fresh:      only if there are none with its addresses and ports
 * @base:       becomes true if the base was missing, or a part of it
 *
 * Return: 0, or a BACKEND_E_... or negative errno.
 */
int tables_add(struct session *session, bool fresh, bool *base) {
        struct connection connection = sources_connection(session);
        uint64_t before = clock_now(CLOCK_BOOTTIME);
        struct backend_made made = { 0 };
        struct sources_backend *place;
        int r;

        r = sources_backend(session->sources, session->state->backend, &place);
        if (!r)
                r = place->backend->changes->add(place->backend, &connection, fresh,
                                                 sourceswait_deadline(session->sources), &made);
        *base = *base || made.base;
        /* at once: a reap that looks before takes them for old ones */
        if (!r && made.ports)
                ports_note(session->context, session->folder_fd, place->backend,
                           session->state->local.port, made.ports, before);
        return r;
}

/**
 * tables_remove() - remove the rules of a session's addresses and ports
 * @session:    the session, with its state, which names the backend
 *
 * Return: 0, also if there are none, or a BACKEND_E_... or negative errno.
 */
int tables_remove(struct session *session) {
        struct connection connection = sources_connection(session);
        struct sources_backend *place;
        struct traffic traffic;
        int r;

        r = sources_backend(session->sources, session->state->backend, &place);
        if (!r)
                r = place->backend->changes->remove(place->backend, &connection,
                                                    sourceswait_deadline(session->sources),
                                                    &traffic);
        return r == BACKEND_E_NOT_FOUND ? 0 : r;
}

/**
 * tables_remove_many() - remove the rules of several connections, in one change if that is possible
 * @sources:            the sources
 * @name:               the backend's name
 * @connections:        the connections
 * @n:                  how many
 *
 * Return: 0, also if there are none, or a BACKEND_E_... or negative errno.
 */
int tables_remove_many(struct sources *sources, const char *name,
                       const struct connection *connections, size_t n) {
        struct sources_backend *place;
        int r;

        r = sources_backend(sources, name, &place);
        if (!r)
                r = place->backend->changes->remove_many(place->backend, connections, n,
                                                         sourceswait_deadline(sources));
        return r == BACKEND_E_UNAVAILABLE ? 0 : r;
}
