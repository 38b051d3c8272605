/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The records of a session, one after the other.
 *
 * Owns: what a record adds to each layer. That is its total less the last one that was known. So if
 * records are missing in between (a torn line), or have no total, the next one has their bytes. If
 * the log does not have the session's begin, the first record says what it adds to the IP layer
 * (delta_in_bytes). What conntrack has counted of an excluded session stands in the place of the IP
 * layer. Pure.
 * Relies on: after a record without a total (TCP_INFO was not available for a moment) comes one
 * whose total includes everything, or none; if none comes, not everything is known.
 */

#include "index/deltas.h"

#include "base/clock.h"
#include "index/index.h"

#include <string.h>

/**
 * deltas_begin() - stand before a session's first record
 * @deltas:     what is known: nothing
 */
void deltas_begin(struct deltas *deltas) {
        *deltas = (struct deltas){ .seq = DELTAS_UNKNOWN, .low = DELTAS_UNKNOWN };
        for (size_t i = 0; i < DELTAS_LAYERS; i++)
                deltas->total[i][0] = deltas->total[i][1] = DELTAS_UNKNOWN;
}

/**
 * deltas_read() - take what is needed out of a record
 * @record:     the record, with a time and an event that logreader found good
 * @ret_record: what is needed
 */
void deltas_read(const struct record *record, struct deltas_record *ret_record) {
        int64_t in = record->in_bytes, out = record->out_bytes;
        uint64_t time = 0;

        (void)clock_parse(record->time, &time);
        if (record->excluded) {
                in = record->excluded_in_bytes;
                out = record->excluded_out_bytes;
        }
        *ret_record = (struct deltas_record){
                .seq = record->seq,
                .time = (int64_t)time,
                .flags = summary_flags(record),
                .delta = { record->delta_in_bytes, record->delta_out_bytes },
                .total = { [INDEX_IP] = { in, out },
                           [INDEX_WIRE] = { record->wire_in_bytes, record->wire_out_bytes },
                           [INDEX_PAYLOAD] = { record->tcp_in_bytes, record->tcp_out_bytes } },
        };
        if (!record_is_user(record))
                return;
        ret_record->total[INDEX_EXCLUDED][0] = record->excluded_in_bytes;
        ret_record->total[INDEX_EXCLUDED][1] = record->excluded_out_bytes;
        /* a user has no other layer: nothing is missing there */
        memset(ret_record->total[INDEX_PAYLOAD], 0, sizeof(*ret_record->total));
}

/* What a record adds to a layer, in one direction; DELTAS_UNKNOWN if that cannot be told. */
static int64_t deltas_added(const struct deltas *deltas, const struct deltas_record *record,
                            size_t layer, size_t way) {
        int64_t now = record->total[layer][way], before = deltas->total[layer][way];
        int64_t low = deltas->seq == DELTAS_UNKNOWN ? record->seq : deltas->low;

        if (now < 0)
                return DELTAS_UNKNOWN;
        /* a counter that was reset: nothing is new */
        if (before >= 0)
                return now > before ? now - before : 0;
        /* the first that is known has all, if the log has the session's begin */
        if (low == 0)
                return now;
        return layer == INDEX_IP ? record->delta[way] : DELTAS_UNKNOWN;
}

/**
 * deltas_step() - take the next record of a session
 * @deltas:     what is known from those before it
 * @record:     the record, with a seq above theirs
 * @ret_part:   what it adds; what is not known adds nothing
 */
void deltas_step(struct deltas *deltas, const struct deltas_record *record,
                 struct deltas_part *ret_part) {
        bool first = deltas->seq == DELTAS_UNKNOWN;
        struct deltas_part part = {
                .from = !first && deltas->time < record->time ? deltas->time : record->time,
                .to = record->time,
        };
        int64_t unknown = 0;

        for (size_t i = 0; i < DELTAS_LAYERS; i++)
                for (size_t way = 0; way < 2; way++) {
                        int64_t added = deltas_added(deltas, record, i, way);
                        int64_t now = record->total[i][way];

                        part.bytes[i][way] = added > 0 ? added : 0;
                        if (added < 0)
                                unknown |= INT64_C(1) << i;
                        if (now >= 0)
                                deltas->total[i][way] = now;
                }
        /* what the part of a session before the log's begin had stays unknown; of IP, it is not
         * part of what is asked for */
        if (!first && deltas->low != 0)
                unknown |= deltas->unknown & ~(INT64_C(1) << INDEX_IP);
        deltas->unknown = unknown;
        deltas->low = first ? record->seq : deltas->low;
        deltas->first = first || record->time < deltas->first ? record->time : deltas->first;
        deltas->last = first || record->time > deltas->last ? record->time : deltas->last;
        deltas->flags = record->flags | (deltas->flags & SUMMARY_KEPT);
        deltas->seq = record->seq;
        deltas->time = record->time;
        *ret_part = part;
}
