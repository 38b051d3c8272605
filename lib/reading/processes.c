/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the processes of logins have moved, beside the connections of the logins.
 *
 * Owns: when that is known: if the kernel has counted since before the login began.
 * Relies on: the rows of an open login are not removed.
 */

#include "reading/processes.h"

#include "store/fields.h"
#include "usermap/userlogin.h"

#include <stdlib.h>

static bool processes_has_rest(const struct processes *processes) {
        for (size_t i = 0; i < processes->n; i++)
                if (processes->rows[i].key.who == USERLAYOUT_REST)
                        return true;
        return false;
}

/**
 * processes_read() - look at what the kernel counted
 * @settings:   say whether the users' ledger is kept
 * @processes:  gets it; if nothing counts, or it cannot be read, it says that nothing is known
 */
void processes_read(const struct settings *settings, struct processes *processes) {
        _cleanup_(usermap_closep) struct usermap *map = NULL;
        uint64_t since;

        *processes = (struct processes){ .since = FIELD_UNKNOWN };
        if (settings->users && !usermap_open(&map) && !usermap_since(map, &since) && since &&
            !usermap_read(map, &processes->rows, &processes->n) &&
            (!processes_has_rest(processes) || !subuid_read(&processes->subuid)))
                processes->since = (int64_t)since;
}

static struct userlogin processes_login(const struct state *state) {
        return (struct userlogin){ state->user, state->uid, state->audit_session };
}

/* What the processes of a login have moved, but with excluded networks. Return: whether that is
 * known. */
static bool processes_sum(const struct processes *processes, const struct state *state,
                          struct traffic *ret_traffic) {
        const struct userlogin login = processes_login(state);

        if (processes->since == FIELD_UNKNOWN || state->audit_session == FIELD_UNKNOWN ||
            processes->since > state->opened_boottime ||
            !userlogin_is_whole(processes->rows, processes->n, &login, &processes->subuid))
                return false;
        userlogin_sum(processes->rows, processes->n, &login, ret_traffic);
        return true;
}

/**
 * processes_fill() - say so in a record
 * @processes:  the look
 * @state:      the login's session
 * @record:     its record
 */
void processes_fill(const struct processes *processes, const struct state *state,
                    struct record *record) {
        struct traffic traffic;

        if (!processes_sum(processes, state, &traffic))
                return;
        record->process_in_bytes = (int64_t)traffic.in.bytes;
        record->process_in_packets = (int64_t)traffic.in.packets;
        record->process_out_bytes = (int64_t)traffic.out.bytes;
        record->process_out_packets = (int64_t)traffic.out.packets;
}

/**
 * processes_clear() - end what processes_read() began
 * @processes:  the look
 */
void processes_clear(struct processes *processes) {
        free(processes->rows);
        subuid_clear(&processes->subuid);
        *processes = (struct processes){ .since = FIELD_UNKNOWN };
}
