/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account of a local port's traffic, as JSON.
 *
 * Owns: the table of the members of its file; reading and writing both use it.
 * Does not: read or write a file, see portfolder.c.
 */

#include "store/portstate.h"

#include "base/text.h"
#include "base/uuid.h"
#include "store/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(kind, member) \
        { #member, kind, offsetof(struct portstate, member) }
#define NAMED(name, kind, member) \
        { name, kind, offsetof(struct portstate, member) }

static const struct field portstate_fields[] = {
        FIELD(FIELD_NUMBER, local_port),
        FIELD(FIELD_TEXT, session),
        FIELD(FIELD_TEXT, boot_id),
        FIELD(FIELD_TEXT, backend),
        NAMED("last_in4", FIELD_COUNTER, last[PORT_IN4]),
        NAMED("last_out4", FIELD_COUNTER, last[PORT_OUT4]),
        NAMED("last_in6", FIELD_COUNTER, last[PORT_IN6]),
        NAMED("last_out6", FIELD_COUNTER, last[PORT_OUT6]),
        FIELD(FIELD_TRAFFIC, total),
        FIELD(FIELD_FLAG, whole),
        FIELD(FIELD_NUMBER, seen_boottime),
        FIELD(FIELD_NUMBER, seen_realtime),
        FIELD(FIELD_NUMBER, seq),
        FIELD(FIELD_TRAFFIC, reported),
        FIELD(FIELD_NUMBER, reported_boottime),
        NAMED("pending", FIELD_TEXT, pending.lines),
        NAMED("pending_inode", FIELD_NUMBER, pending.inode),
        NAMED("pending_offset", FIELD_NUMBER, pending.offset),
};

/** portstate_kind - the ports of the state folder */
const struct statefile_kind portstate_kind = {
        .fields = portstate_fields,
        .n_fields = sizeof(portstate_fields) / sizeof(*portstate_fields),
        .object_size = sizeof(struct portstate),
        .folder = "ports",
        .limit = (size_t)64 * 1024,
};

/**
 * portstate_new() - begin to remember a port, without an account
 * @port:       the port
 * @ret_state:  the state
 *
 * Return: 0 or -ENOMEM.
 */
int portstate_new(uint16_t port, struct portstate **ret_state) {
        struct portstate *state;
        void *object;
        int r;

        r = statefile_new(&portstate_kind, &object);
        if (r < 0)
                return r;
        state = object;
        state->local_port = port;
        state->whole = true;
        state->seq = 0;
        *ret_state = state;
        return 0;
}

/**
 * portstate_free() - end what portstate_new() began
 * @state:      the state, or NULL
 *
 * Return: NULL.
 */
struct portstate *portstate_free(struct portstate *state) {
        if (state)
                fields_free(portstate_kind.fields, portstate_kind.n_fields, state);
        free(state);
        return NULL;
}

/**
 * portstate_end() - end the account, and remember the port
 * @state:      the state
 */
void portstate_end(struct portstate *state) {
        free(state->session);
        free(state->boot_id);
        free(state->backend);
        state->session = state->boot_id = state->backend = NULL;
}

/**
 * portstate_begin() - begin an account
 * @state:      the state, without one; whether it is whole stays as it is
 * @session:    the account's id
 * @boot_id:    of which boot it is
 * @backend:    what counts
 *
 * Return: 0 or -ENOMEM.
 */
int portstate_begin(struct portstate *state, const char *session, const char *boot_id,
                    const char *backend) {
        int r;

        r = text_copy(&state->boot_id, boot_id);
        if (!r)
                r = text_copy(&state->backend, backend);
        if (!r)
                r = text_copy(&state->session, session);
        if (r < 0) {
                portstate_end(state);
                return r;
        }
        for (size_t i = 0; i < PORT_COUNTERS; i++)
                state->last[i] = (struct known_counter){ 0 };
        state->total = state->reported = (struct known_traffic){ .known = true };
        state->seq = 0;
        state->reported_boottime = FIELD_UNKNOWN;
        return 0;
}

/**
 * portstate_encode() - write a state as JSON
 * @state:      the state
 * @ret_data:   the bytes; the caller frees them
 * @ret_size:   how many
 *
 * Return: 0 or -ENOMEM.
 */
int portstate_encode(const struct portstate *state, char **ret_data, size_t *ret_size) {
        return statefile_encode(&portstate_kind, state, ret_data, ret_size);
}

static bool portstate_is_below(const struct counter *a, const struct counter *b) {
        return a->bytes < b->bytes || a->packets < b->packets;
}

/* What every other function may rely on. */
static const char *portstate_lack(const struct portstate *state) {
        const struct traffic *total = &state->total.traffic, *reported = &state->reported.traffic;

        if (state->local_port < 1 || state->local_port > UINT16_MAX)
                return "local_port";
        if (!pending_is_sound(&state->pending))
                return "pending";
        if (!state->session)
                return NULL;
        if (!uuid_valid(state->session))
                return "session";
        if (!state->boot_id)
                return "boot_id";
        if (!state->backend)
                return "backend";
        if (!state->total.known)
                return "total";
        if (state->seen_boottime < 0)
                return "seen_boottime";
        if (state->seen_realtime < 0)
                return "seen_realtime";
        if (state->seq < 0)
                return "seq";
        if (!state->reported.known || portstate_is_below(&total->in, &reported->in) ||
            portstate_is_below(&total->out, &reported->out))
                return "reported";
        return NULL;
}

/**
 * portstate_decode() - read a state from JSON
 * @data:       the bytes, hostile
 * @size:       how many
 * @ret_state:  the state
 * @ret_field:  for STATE_E_INVALID: the key at fault, or "JSON" if it is none
 *
 * Return: 0, STATE_E_INVALID or -ENOMEM.
 */
int portstate_decode(const char *data, size_t size, struct portstate **ret_state,
                     const char **ret_field) {
        _cleanup_(portstate_freep) struct portstate *state = NULL;
        const char *lack;
        int r;

        r = portstate_new(0, &state);
        if (!r)
                r = statefile_decode(&portstate_kind, data, size, state, ret_field);
        if (r)
                return r;
        lack = portstate_lack(state);
        if (lack) {
                *ret_field = lack;
                return STATE_E_INVALID;
        }
        *ret_state = pointer_steal(&state);
        return 0;
}
