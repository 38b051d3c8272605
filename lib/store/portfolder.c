/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts of local ports in the state folder: ports/<port>.json.
 *
 * Owns: the name of a port's file. The folder ports/ is made with the first account; no login waits
 * for that.
 * Relies on: the caller holds the lock of the ports (STATELOCK_PORTS).
 */

#include "base/number.h"
#include "store/portstate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTFOLDER_NAME_MAX (sizeof("65535.json"))

static void portfolder_name(uint16_t port, char name[static PORTFOLDER_NAME_MAX]) {
        (void)snprintf(name, PORTFOLDER_NAME_MAX, "%u.json", port);
}

/**
 * portfolder_load() - read what is known of a port
 * @folder_fd:  the state folder
 * @port:       the port
 * @ret_state:  the state
 * @ret_field:  for STATE_E_INVALID: the key at fault
 *
 * Return: 0, STATE_E_NOT_FOUND, STATE_E_INVALID, or a negative errno.
 */
int portfolder_load(int folder_fd, uint16_t port, struct portstate **ret_state,
                    const char **ret_field) {
        _cleanup_(portstate_freep) struct portstate *state = NULL;
        _cleanup_(freep) char *data = NULL;
        char name[PORTFOLDER_NAME_MAX];
        size_t size;
        int r;

        portfolder_name(port, name);
        r = statefile_read(&portstate_kind, folder_fd, name, &data, &size, ret_field);
        if (r)
                return r;
        r = portstate_decode(data, size, &state, ret_field);
        if (r)
                return r;
        if (state->local_port != port) {
                *ret_field = "local_port";
                return STATE_E_INVALID;
        }
        *ret_state = pointer_steal(&state);
        return 0;
}

/**
 * portfolder_save() - write what is known of a port, as a whole or not at all
 * @folder_fd:  the state folder
 * @state:      the state
 * @sync:       whether it must outlast a power loss when this returns
 *
 * Return: 0, or a negative errno; then what stood there before still does.
 */
int portfolder_save(int folder_fd, const struct portstate *state, bool sync) {
        _cleanup_(freep) char *data = NULL;
        char name[PORTFOLDER_NAME_MAX];
        size_t size;
        int r = portstate_encode(state, &data, &size);

        if (r < 0)
                return r;
        portfolder_name((uint16_t)state->local_port, name);
        return statefile_write(&portstate_kind, folder_fd, name, data, size, sync);
}

/**
 * portfolder_set_aside() - put a damaged file out of the way, for the admin to look at
 * @folder_fd:  the state folder
 * @port:       the port
 *
 * Return: 0, or a negative errno; its new name ends in .damaged.
 */
int portfolder_set_aside(int folder_fd, uint16_t port) {
        char name[PORTFOLDER_NAME_MAX];

        portfolder_name(port, name);
        return statefile_set_aside(&portstate_kind, folder_fd, name);
}

/**
 * portfolder_is_outdated() - tell whether a newer state of a port is lost
 * @folder_fd:  the state folder
 * @port:       the port
 *
 * Return: true if so: then the log may know more.
 */
bool portfolder_is_outdated(int folder_fd, uint16_t port) {
        char name[PORTFOLDER_NAME_MAX];

        portfolder_name(port, name);
        return statefile_is_outdated(&portstate_kind, folder_fd, name);
}

/* The port whose file has that name; 0 if none has. */
static uint16_t portfolder_parse(const char *text) {
        size_t length = strcspn(text, ".");
        char name[PORTFOLDER_NAME_MAX];
        uint64_t port = 0;

        if (number_parse(text, length, 10, UINT16_MAX, &port) < 0 || !port)
                return 0;
        /* 022.json is none of ours */
        portfolder_name((uint16_t)port, name);
        return strcmp(name, text) == 0 ? (uint16_t)port : 0;
}

struct portfolder_ports {
        uint16_t *ports;
        size_t n;
};

static int portfolder_take(const char *name, void *data) {
        struct portfolder_ports *ports = data;
        uint16_t port = portfolder_parse(name), *more;

        if (!port)
                return 0;
        more = reallocarray(ports->ports, ports->n + 1, sizeof(*more));
        if (!more)
                return -ENOMEM;
        ports->ports = more;
        ports->ports[ports->n++] = port;
        return 0;
}

/**
 * portfolder_list() - list the ports that are known
 * @folder_fd:          the state folder
 * @ret_ports:          the ports, in no order; the caller frees them
 * @ret_n:              how many
 *
 * Files with other names are passed over.
 *
 * Return: 0, or a negative errno.
 */
int portfolder_list(int folder_fd, uint16_t **ret_ports, size_t *ret_n) {
        struct portfolder_ports ports = { 0 };
        int r;

        r = statefile_list(&portstate_kind, folder_fd, portfolder_take, &ports);
        if (r < 0) {
                free(ports.ports);
                return r;
        }
        *ret_ports = ports.ports;
        *ret_n = ports.n;
        return 0;
}
