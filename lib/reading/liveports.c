/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the ports of sshd have moved until now.
 *
 * Owns: that the ports and the sessions are read in one snapshot.
 * Relies on: a state file is replaced as a whole, so it can be read without the lock of the ports.
 * Does not: save an account; ports/ports.c does.
 */

#include "reading/liveports.h"

#include "account/portaccount.h"
#include "base/clock.h"
#include "reading/portrecord.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int liveports_add(struct live *live, const struct sources_backend *place,
                         struct portstate *state) {
        const struct backend_port *port =
                snapshot_port(place->snapshot, (uint16_t)state->local_port);
        int r;

        if (place->snapshot_boottime > (uint64_t)state->seen_boottime)
                (void)portaccount_update(state, port ? port->counters : NULL);
        r = portrecord_make(state, clock_now(CLOCK_REALTIME), &live->ports[live->n_ports]);
        live->n_ports += !r;
        return r;
}

static int liveports_take(struct live *live, const struct sources_backend *place, int folder_fd,
                          const char *boot_id, uint16_t port) {
        _cleanup_(portstate_freep) struct portstate *state = NULL;
        const char *field;
        int r = portfolder_load(folder_fd, port, &state, &field);

        /* a damaged one begins anew with the next reap */
        if (r)
                return r == -ENOMEM ? r : 0;
        if (!state->session || strcmp(state->boot_id, boot_id) != 0 ||
            strcmp(state->backend, place->backend->operations->name) != 0)
                return 0;
        return liveports_add(live, place, state);
}

/**
 * liveports_read() - take the snapshot of all rules, and read the ports in it
 * @context:    the settings, and an open /proc
 * @folder_fd:  the state folder
 * @sources:    get the snapshot, where there is a backend
 * @boot_id:    this boot
 * @live:       gets the ports
 *
 * Return: 0, -EBUSY if another program has the tables, or another negative errno.
 */
int liveports_read(const struct session_context *context, int folder_fd, struct sources *sources,
                   const char *boot_id, struct live *live) {
        const char *backend = context->settings->backend;
        _cleanup_(freep) uint16_t *ports = NULL;
        struct sources_backend *place;
        size_t n;
        int r;

        r = sources_observe(sources, backend, context->proc_fd);
        if (r == BACKEND_E_BUSY)
                return -EBUSY;
        if (r || sources_backend(sources, backend, &place) || !place->snapshot)
                return r < 0 ? r : 0;
        r = portfolder_list(folder_fd, &ports, &n);
        if (r < 0)
                return r;
        live->ports = calloc(n + 1, sizeof(struct record *));
        if (!live->ports)
                return -ENOMEM;
        for (size_t i = 0; !r && i < n; i++)
                r = liveports_take(live, place, folder_fd, boot_id, ports[i]);
        return r;
}
