/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A record of a local port, made from its account.
 *
 * Owns: which member of the account becomes which key, and the deltas.
 * Does not: change anything, or write the record; ports/portledger.c does.
 */

#include "reading/portrecord.h"

#include "base/clock.h"
#include "base/text.h"

#include <limits.h>
#include <unistd.h>

static int portrecord_fill(const struct portstate *state, uint64_t realtime,
                           struct record *record) {
        const struct traffic *total = &state->total.traffic, *before = &state->reported.traffic;
        char time[CLOCK_TEXT_MAX], host[HOST_NAME_MAX + 1] = "";
        int r;

        clock_format(realtime, time);
        (void)gethostname(host, sizeof(host) - 1);
        record->seq = state->seq;
        record->local_port = state->local_port;
        record->in_bytes = (int64_t)total->in.bytes;
        record->in_packets = (int64_t)total->in.packets;
        record->out_bytes = (int64_t)total->out.bytes;
        record->out_packets = (int64_t)total->out.packets;
        record->delta_in_bytes = (int64_t)(total->in.bytes - before->in.bytes);
        record->delta_out_bytes = (int64_t)(total->out.bytes - before->out.bytes);
        record->complete = state->whole;

        r = text_copy(&record->event, "port");
        if (!r)
                r = text_copy(&record->time, time);
        if (!r)
                r = text_copy(&record->host, host);
        if (!r)
                r = text_copy(&record->boot_id, state->boot_id);
        if (!r)
                r = text_copy(&record->session, state->session);
        if (!r)
                r = text_copy(&record->backend, state->backend);
        return r;
}

/**
 * portrecord_make() - make a port's next record, and write it nowhere
 * @state:      the port, with an account
 * @realtime:   the moment of its values, microseconds
 * @ret_record: the record
 *
 * Return: 0 or -ENOMEM.
 */
int portrecord_make(const struct portstate *state, uint64_t realtime, struct record **ret_record) {
        _cleanup_(record_freep) struct record *record = NULL;
        int r;

        r = record_new(&record);
        if (!r)
                r = portrecord_fill(state, realtime, record);
        if (!r)
                *ret_record = pointer_steal(&record);
        return r;
}
