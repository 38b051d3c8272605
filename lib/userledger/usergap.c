/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When the users' ledger was not kept.
 *
 * Owns: which marks a reading calls for. What is moved while nothing counts is nobody's, and no
 * account tells it: an account that has nothing new gets no record. So the log has two marks for
 * each such time: "users-off" from the last reading on when all was counted, and "users-on" from
 * when on all is counted again. The maps say when that is: the loader notes it whenever it makes
 * them, or attaches what was detached. So a gap that is over before anybody looks is seen, too.
 * Does not: write them. They are lines that are due, like the records (userbatch.c).
 */

#include "userledger/usergap.h"

#include "store/fields.h"
#include "store/gaps.h"

#include <string.h>

static void usergap_mark(struct userstate *state, bool off, enum gap_cause cause,
                         int64_t realtime) {
        state->marks[state->n_marks++] =
                (struct usermark){ .off = off, .cause = cause, .realtime = realtime };
        state->off = off ? realtime : FIELD_UNKNOWN;
        state->changed = true;
}

/* When the maps began to count, by the clock of today. */
static int64_t usergap_began(const struct useraccounts_reading *reading) {
        uint64_t ago = reading->since && reading->since < reading->boottime
                               ? reading->boottime - reading->since
                               : 0;

        return (int64_t)(ago < reading->realtime ? reading->realtime - ago : reading->realtime);
}

static bool usergap_same_boot(const struct userstate *state,
                              const struct useraccounts_reading *reading) {
        return state->boot_id && !strcmp(state->boot_id, reading->boot_id);
}

/* Whether all was counted since the last reading. Accounts of an earlier release do not say since
 * when their maps counted. */
static bool usergap_is_none(const struct userstate *state,
                            const struct useraccounts_reading *reading) {
        return usergap_same_boot(state, reading) && state->map == reading->map &&
               (state->since == FIELD_UNKNOWN || state->since == (int64_t)reading->since);
}

/**
 * usergap_look() - tell whether all was counted since the last reading
 * @state:      the accounts, as they were then; gets the marks
 * @reading:    the moment
 */
void usergap_look(struct userstate *state, const struct useraccounts_reading *reading) {
        const bool counts = reading->map != FIELD_UNKNOWN && reading->whole;
        const bool kept = state->seen_realtime != FIELD_UNKNOWN;
        int64_t on = usergap_began(reading);

        state->n_marks = 0;
        if (reading->forgotten) {
                usergap_mark(state, true, GAP_LOST, on);
                on = (int64_t)reading->realtime;
        } else if (kept && state->off == FIELD_UNKNOWN &&
                   !(counts && usergap_is_none(state, reading)))
                usergap_mark(state, true,
                             !usergap_same_boot(state, reading) ? GAP_REBOOT
                             : reading->map == FIELD_UNKNOWN    ? GAP_OFF
                                                                : GAP_LOST,
                             state->seen_realtime);
        /* a clock that was put back makes no gap go on for ever */
        if (counts && (state->off != FIELD_UNKNOWN || !kept))
                usergap_mark(state, false, GAP_UNKNOWN,
                             on > state->off ? on : state->off + (state->off < INT64_MAX));
        state->since = counts ? (int64_t)reading->since : FIELD_UNKNOWN;
}

/**
 * usergap_end() - tell that the ledger is not kept any more
 * @state:      the accounts, after the last reading; gets the mark
 */
void usergap_end(struct userstate *state) {
        if (state->seen_realtime != FIELD_UNKNOWN && state->off == FIELD_UNKNOWN)
                usergap_mark(state, true, GAP_OFF, state->seen_realtime);
}

/**
 * usergap_make() - make the record of a mark
 * @mark:       the mark
 * @ret_record: the record
 *
 * Return: 0 or -ENOMEM.
 */
int usergap_make(const struct usermark *mark, struct record **ret_record) {
        return gaps_make(true, mark->off, mark->cause, (uint64_t)mark->realtime, ret_record);
}
