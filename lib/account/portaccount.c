/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The account of a local port.
 *
 * Owns: what is done about counters that were reset. A port has up to four counters (one for each
 * direction, and for each address family if the backend counts them separately); the total is the
 * sum of what each of them counted. A counter that we have just made begins at 0. A counter that is
 * older than its account counts from the first reading, because its age is not known. A counter
 * that fell was zeroed, or is another one: it counts from 0, and what it had counted since the
 * previous reading is missing. The same is missing for a counter that is gone. If a counter was
 * zeroed and has since counted more than before, nothing tells, and it seems to have counted the
 * difference. The total is never more than what was there.
 *
 * Does not: read anything. Pure.
 */

#include "account/portaccount.h"

static bool portaccount_is_out(size_t i) {
        return i == PORT_OUT4 || i == PORT_OUT6;
}

/* Return: PORTACCOUNT_... */
static unsigned int portaccount_count(struct known_counter *last, const struct known_counter *now,
                                      struct counter *total) {
        const struct known_counter before = *last;

        if (!now->known) {
                /* whatever takes its place begins at 0 */
                last->counter = (struct counter){ 0 };
                return before.known ? PORTACCOUNT_MISSED : 0;
        }
        *last = *now;
        if (!before.known)
                return PORTACCOUNT_CHANGED;
        if (counter_equal(&now->counter, &before.counter))
                return 0;
        if (now->counter.bytes < before.counter.bytes ||
            now->counter.packets < before.counter.packets) {
                total->bytes += now->counter.bytes;
                total->packets += now->counter.packets;
                return PORTACCOUNT_CHANGED | PORTACCOUNT_MISSED;
        }
        total->bytes += now->counter.bytes - before.counter.bytes;
        total->packets += now->counter.packets - before.counter.packets;
        return PORTACCOUNT_CHANGED;
}

/**
 * portaccount_update() - take a reading into the account
 * @state:      the account; it is not whole until its next record if something was missed
 * @counters:   PORT_COUNTERS, what each says now; NULL: none is there
 *
 * Return: PORTACCOUNT_..., what was found; 0 if nothing has changed.
 */
unsigned int portaccount_update(struct portstate *state, const struct known_counter *counters) {
        static const struct known_counter none[PORT_COUNTERS];
        struct traffic *total = &state->total.traffic;
        unsigned int findings = 0;

        if (!counters)
                counters = none;
        for (size_t i = 0; i < PORT_COUNTERS; i++)
                findings |= portaccount_count(&state->last[i], &counters[i],
                                              portaccount_is_out(i) ? &total->out : &total->in);
        if (findings & PORTACCOUNT_MISSED)
                state->whole = false;
        return findings;
}

/**
 * portaccount_made() - note that counters were made, and so began at 0
 * @state:      the account, of which no later reading has been taken
 * @made:       which: 1 << PORT_...
 *
 * What their predecessors counted since the last reading is missing.
 */
void portaccount_made(struct portstate *state, unsigned int made) {
        for (size_t i = 0; i < PORT_COUNTERS; i++) {
                struct known_counter *last = &state->last[i];

                if (!(made & 1U << i))
                        continue;
                if (last->known && last->counter.packets)
                        state->whole = false;
                *last = (struct known_counter){ .known = true };
        }
}

/**
 * portaccount_moved() - tell whether there is something that no record has told
 * @state:      the account
 *
 * Return: true if so, also if something was missed.
 */
bool portaccount_moved(const struct portstate *state) {
        return !state->whole || !traffic_equal(&state->total.traffic, &state->reported.traffic);
}
