/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the records of a session that were read tell about the session.
 *
 * Owns: the rule which record stands for a session: its stop record, else the last one. The order
 * in which the records are read does not matter. If several records have the same number, the first
 * one that was read counts. Pure.
 * Relies on: logreader.c, which accepts only records with an event, a time, an id and a number.
 * Does not: add up bytes. A record has the totals; lib/index/deltas.c knows what each record added.
 */

#include "store/summary.h"

#include "base/clock.h"
#include "base/uuid.h"

#include <string.h>

/* When the session of a record began; time is the record's. The id was made at that moment. The end
 * less the duration may be another moment: nobody may have looked at the end for a while. */
static uint64_t summary_origin(const struct record *record, uint64_t time) {
        uint64_t began;

        if (record->session && !uuid_time(record->session, &began))
                return began;
        /* not an id of ours */
        if (record->duration > 0)
                return time > (uint64_t)record->duration ? time - (uint64_t)record->duration : 0;
        return time;
}

/**
 * summary_began() - tell when a record's session began
 * @record:     the record
 *
 * Return: microseconds of CLOCK_REALTIME.
 */
uint64_t summary_began(const struct record *record) {
        uint64_t time = 0;

        (void)clock_parse(record->time, &time);
        return summary_origin(record, time);
}

/**
 * summary_flags() - tell what a record says of its session
 * @record:     the record
 *
 * Return: those of enum summary_flag.
 */
uint16_t summary_flags(const struct record *record) {
        unsigned int kinds = loginkind_parse(record->kind) * SUMMARY_KIND;
        uint16_t flags = (uint16_t)(kinds | (record->excluded ? SUMMARY_EXCLUDED : 0));

        /* a start record does not know yet whether it is complete */
        if (!strcmp(record->event, "start"))
                return flags | SUMMARY_START;
        if (!strcmp(record->event, "stop"))
                flags |= SUMMARY_STOP;
        else if (record_is_port(record))
                flags |= SUMMARY_PORT;
        /* an account of a user is never waited for to end */
        else if (record_is_user(record))
                flags |= SUMMARY_STOP | (record->complete ? 0 : SUMMARY_MISSED);
        return record->complete ? flags : flags | SUMMARY_INCOMPLETE;
}

/**
 * summary_take() - take a record of a session into account
 * @summary:    what the records before it told
 * @record:     the record
 *
 * Return: whether it is now the one that stands for the session.
 */
bool summary_take(struct summary *summary, const struct record *record) {
        uint16_t flags = summary_flags(record), kept = summary->flags & SUMMARY_KEPT;
        bool stop = flags & SUMMARY_STOP, stopped = kept & SUMMARY_STOP;
        bool stands = stop == stopped ? record->seq > summary->stands : stop;

        if (stands) {
                summary->stands = record->seq;
                (void)clock_parse(record->time, &summary->time);
                summary->began = summary_origin(record, summary->time);
        }
        if (record->seq > summary->last) {
                summary->last = record->seq;
                summary->flags = flags | kept;
        } else {
                summary->flags |= flags & SUMMARY_KEPT;
        }
        return stands;
}
