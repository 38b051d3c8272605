/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One open session, as JSON.
 *
 * Owns: the table of the members of a state file; reading and writing both use it.
 * Does not: read or write a file, see statefolder.c.
 */

#include "store/state.h"

#include "store/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(kind, member) \
        { #member, kind, offsetof(struct state, member) }
#define ACCOUNT(kind, member) \
        { #member, kind, offsetof(struct state, account.member) }

static const struct field state_fields[] = {
        FIELD(FIELD_TEXT, session),
        FIELD(FIELD_TEXT, boot_id),
        FIELD(FIELD_NUMBER, opened_realtime),
        FIELD(FIELD_NUMBER, opened_boottime),
        FIELD(FIELD_NUMBER, pid),
        FIELD(FIELD_NUMBER, pid_started),
        FIELD(FIELD_NUMBER, inode),
        FIELD(FIELD_NUMBER, cookie),
        FIELD(FIELD_NUMBER, interface),
        FIELD(FIELD_NUMBER, netns),
        FIELD(FIELD_NUMBER, multipath),
        FIELD(FIELD_NUMBER, joins),
        FIELD(FIELD_ENDPOINT, local),
        FIELD(FIELD_ENDPOINT, remote),
        FIELD(FIELD_TEXT, service),
        FIELD(FIELD_TEXT, user),
        FIELD(FIELD_NUMBER, uid),
        FIELD(FIELD_TEXT, rhost),
        FIELD(FIELD_TEXT, auth_info),
        FIELD(FIELD_NUMBER, audit_session),
        FIELD(FIELD_TEXT, login_session),
        FIELD(FIELD_FLAG, excluded),
        FIELD(FIELD_NUMBER, kinds),
        FIELD(FIELD_TEXT, preauth_source),
        FIELD(FIELD_TRAFFIC, preauth),
        FIELD(FIELD_TEXT, backend),
        ACCOUNT(FIELD_TRAFFIC, total),
        ACCOUNT(FIELD_FLAG, whole),
        ACCOUNT(FIELD_NUMBER, cause),
        ACCOUNT(FIELD_FLAG, proven),
        ACCOUNT(FIELD_TRAFFIC, rules_last),
        ACCOUNT(FIELD_OFFSET, rules_offset),
        ACCOUNT(FIELD_FLAG, rules_whole),
        ACCOUNT(FIELD_TRAFFIC, conntrack_last),
        ACCOUNT(FIELD_OFFSET, conntrack_offset),
        ACCOUNT(FIELD_FLAG, conntrack_whole),
        ACCOUNT(FIELD_NUMBER, conntrack_id),
        ACCOUNT(FIELD_TCPINFO, info),
        FIELD(FIELD_NUMBER, seen_boottime),
        FIELD(FIELD_FLAG, closed),
        FIELD(FIELD_NUMBER, closed_boottime),
        FIELD(FIELD_NUMBER, closed_tcp_state),
        FIELD(FIELD_FLAG, closed_stalled),
        FIELD(FIELD_NUMBER, gone_boottime),
        FIELD(FIELD_FLAG, concluded),
        FIELD(FIELD_FLAG, followed),
        FIELD(FIELD_NUMBER, seq),
        FIELD(FIELD_TRAFFIC, reported),
        FIELD(FIELD_NUMBER, reported_boottime),
        { "pending", FIELD_TEXT, offsetof(struct state, pending.lines) },
        { "pending_inode", FIELD_NUMBER, offsetof(struct state, pending.inode) },
        { "pending_offset", FIELD_NUMBER, offsetof(struct state, pending.offset) },
        FIELD(FIELD_FLAG, stopped),
};

/** state_kind - the sessions of the state folder */
const struct statefile_kind state_kind = {
        .fields = state_fields,
        .n_fields = sizeof(state_fields) / sizeof(*state_fields),
        .object_size = sizeof(struct state),
        .folder = "sessions",
        .limit = (size_t)256 * 1024,
};

/**
 * state_new() - make a state of which nothing is known
 * @ret_state:  the state
 *
 * Return: 0 or -ENOMEM.
 */
int state_new(struct state **ret_state) {
        void *state;
        int r;

        r = statefile_new(&state_kind, &state);
        if (r < 0)
                return r;
        *ret_state = state;
        (*ret_state)->seq = (*ret_state)->kinds = 0;
        (*ret_state)->account.cause = ACCOUNT_CAUSE_NONE;
        return 0;
}

/**
 * state_free() - end what state_new() began
 * @state:      the state, or NULL
 *
 * Return: NULL.
 */
struct state *state_free(struct state *state) {
        if (state)
                fields_free(state_kind.fields, state_kind.n_fields, state);
        free(state);
        return NULL;
}

/**
 * state_encode() - write a state as JSON
 * @state:      the state
 * @ret_data:   the bytes; the caller frees them
 * @ret_size:   how many
 *
 * Return: 0 or -ENOMEM.
 */
int state_encode(const struct state *state, char **ret_data, size_t *ret_size) {
        return statefile_encode(&state_kind, state, ret_data, ret_size);
}

/* What every other function may rely on. */
static const char *state_lack(const struct state *state) {
        if (!state->session)
                return "session";
        if (!state->boot_id)
                return "boot_id";
        if (!state->local.address.family)
                return "local";
        if (state->local.address.family != state->remote.address.family)
                return "remote";
        if (!state->service)
                return "service";
        if (!state->user)
                return "user";
        if (state->opened_realtime < 0)
                return "opened_realtime";
        if (state->opened_boottime < 0)
                return "opened_boottime";
        if (state->seq < 0)
                return "seq";
        if (!pending_is_sound(&state->pending))
                return "pending";
        return NULL;
}

/**
 * state_decode() - read a state from JSON
 * @data:       the bytes, hostile
 * @size:       how many
 * @ret_state:  the state
 * @ret_field:  for STATE_E_INVALID: the key at fault, or "JSON" if it is none
 *
 * Return: 0, STATE_E_INVALID or -ENOMEM.
 */
int state_decode(const char *data, size_t size, struct state **ret_state, const char **ret_field) {
        _cleanup_(state_freep) struct state *state = NULL;
        const char *lack;
        int r;

        r = state_new(&state);
        if (!r)
                r = statefile_decode(&state_kind, data, size, state, ret_field);
        if (r)
                return r;
        lack = state_lack(state);
        if (lack) {
                *ret_field = lack;
                return STATE_E_INVALID;
        }
        *ret_state = pointer_steal(&state);
        return 0;
}
