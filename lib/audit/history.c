/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From totals to what was moved between two looks.
 *
 * Owns: what each flow had counted when it was told last. A counter that fell (conntrack -z), or
 * another id or time of begin at the same tuple (a tuple used again), counts from 0. So nothing is
 * negative, and a flow that came and went between two looks counts while conntrack has its entry.
 * Relies on: CTA_ID may be the same for a new entry of the same tuple (conntrack.h): then only the
 * time of its begin, where that is known, or a fallen counter tells.
 */

#include "audit/history.h"

#include "audit/hash.h"

#include <errno.h>
#include <string.h>

static uint32_t history_slot(const struct history *history, uint8_t protocol, uint32_t id,
                             const struct connection *original) {
        uint32_t at = (uint32_t)hash_connection(history->seed, protocol, original);

        for (;; at++) {
                const struct history_entry *entry;

                at &= history->n_slots - 1;
                if (!history->slots[at])
                        return at;
                entry = &history->entries[history->slots[at] - 1];
                /* with the id: two zones may have one tuple */
                if (entry->protocol == protocol && entry->id == id &&
                    connection_equal(&entry->original, original))
                        return at;
        }
}

static void history_enter(struct history *history, uint32_t number) {
        const struct history_entry *entry = &history->entries[number];

        history->slots[history_slot(history, entry->protocol, entry->id, &entry->original)] =
                number + 1;
}

static int history_reindex(struct history *history, uint32_t n_slots) {
        uint32_t *slots = calloc(n_slots, sizeof(*slots));

        if (!slots)
                return -ENOMEM;
        free(history->slots);
        history->slots = slots;
        history->n_slots = n_slots;
        for (uint32_t i = 0; i < history->n; i++)
                history_enter(history, i);
        return 0;
}

/**
 * history_begin() - begin a look
 * @history:    the flows; what was not told for some looks is forgotten
 *
 * Return: 0 or -ENOMEM.
 */
int history_begin(struct history *history) {
        uint32_t n = 0;

        history->look++;
        for (uint32_t i = 0; i < history->n; i++)
                if (history->look - history->entries[i].look <= HISTORY_LOOKS)
                        history->entries[n++] = history->entries[i];
        history->n = n;
        return history_reindex(history, history->n_slots ? history->n_slots : 512);
}

static int history_grow(struct history *history) {
        uint32_t room = history->room ? history->room * 2 : 256;
        struct history_entry *larger;

        if (history->n < history->room)
                return 0;
        larger = reallocarray(history->entries, room, sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        history->entries = larger;
        history->room = room;
        return history_reindex(history, room * 2);
}

static bool history_fell(const struct counter *last, const struct counter *now) {
        return now->bytes < last->bytes || now->packets < last->packets;
}

static void history_subtract(const struct counter *last, struct counter *counter) {
        counter->bytes -= last->bytes;
        counter->packets -= last->packets;
}

/* Another flow in the same place, or the same one with its counters zeroed: who knows whose? */
static bool history_is_new(const struct history_entry *entry, const struct flow *flow) {
        return entry->started != flow->started ||
               (entry->counted && flow->has_counters &&
                (history_fell(&entry->last.in, &flow->original.counter) ||
                 history_fell(&entry->last.out, &flow->reply.counter)));
}

/**
 * history_step() - note a flow
 * @history:    the flows
 * @flow:       the flow as it is now
 * @ret_moved:  the same, but what it counted since it was noted last
 * @ret_entry:  the flow's entry, for whose it is, until the next one is noted
 *
 * Return: 0 or -ENOMEM.
 */
int history_step(struct history *history, const struct flow *flow, struct flow *ret_moved,
                 struct history_entry **ret_entry) {
        const struct connection original = { .local = flow->original.source,
                                             .remote = flow->original.destination };
        static const struct audit_owner nobody = { AUDIT_UNKNOWN, AUDIT_UNKNOWN, AUDIT_UNKNOWN,
                                                   AUDIT_UNKNOWN };
        struct history_entry *entry;
        struct flow moved = *flow;
        uint32_t at;

        if (history_grow(history) < 0)
                return -ENOMEM;
        at = history_slot(history, flow->protocol, flow->id, &original);
        if (!history->slots[at]) {
                history->entries[history->n++] = (struct history_entry){
                        .original = original,
                        .owner = nobody,
                        .started = flow->started,
                        .id = flow->id,
                        .protocol = flow->protocol,
                };
                history->slots[at] = history->n;
        }
        entry = &history->entries[history->slots[at] - 1];
        if (history_is_new(entry, flow)) {
                entry->owner = nobody;
                entry->login = entry->counted = false;
                entry->started = flow->started;
        }
        if (entry->counted && flow->has_counters) {
                history_subtract(&entry->last.in, &moved.original.counter);
                history_subtract(&entry->last.out, &moved.reply.counter);
        }
        if (flow->has_counters) {
                entry->last.in = flow->original.counter;
                entry->last.out = flow->reply.counter;
                entry->counted = true;
        }
        entry->look = history->look;

        *ret_moved = moved;
        *ret_entry = entry;
        return 0;
}

/**
 * history_free() - forget all
 * @history:    the flows
 */
void history_free(struct history *history) {
        free(history->entries);
        free(history->slots);
        *history = (struct history){ .seed = history->seed };
}
