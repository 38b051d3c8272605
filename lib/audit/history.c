/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From the totals of flows to what they moved between two looks.
 *
 * Owns: what each flow had counted when it was last reported. A counter that fell (conntrack -z)
 * counts from 0. Another id or begin time at the same tuple means that the tuple was used again:
 * that is a new flow, and the earlier one is forgotten after some looks. So no number is negative,
 * and a flow that came and went between two looks counts while conntrack has its entry.
 * Relies on: CTA_ID may be the same for a new entry of the same tuple (conntrack.h). Then only its
 * begin time, if it is known, or a fallen counter tells.
 */

#include "audit/history.h"

#include <errno.h>
#include <string.h>

/*
 * What a flow is known by. With the id: two zones may have one tuple. 64 bits of a seeded hash, and
 * not the tuple itself: of 100,000 flows, two are taken for one in one of 3 billion looks.
 */
static uint64_t history_key(const struct history *history, const struct flow *flow) {
        const struct connection original = { .local = flow->original.source,
                                             .remote = flow->original.destination };
        uint64_t hash = map_hash(history->seed + flow->protocol, &original, sizeof(original));

        hash = map_hash(hash, &flow->id, sizeof(flow->id));
        return map_hash(hash, &flow->started, sizeof(flow->started));
}

/* Owners that no flow has any more are many after a while. */
static int history_keep_owners(struct history *history) {
        struct ownerset owners = { .n = 0 };
        int r = 0;

        for (uint32_t i = 0; !r && i < history->n; i++) {
                struct history_entry *entry = &history->entries[i];

                r = ownerset_add(&owners, &history->owners.owners[entry->owner], &entry->owner);
        }
        ownerset_free(&history->owners);
        history->owners = owners;
        return r;
}

/**
 * history_begin() - begin a look
 * @history:    the flows; what was not told for some looks is forgotten
 *
 * Return: 0 or -ENOMEM, after which it is only good for history_free().
 */
int history_begin(struct history *history) {
        uint32_t n = 0;

        history->look++;
        for (uint32_t i = 0; i < history->n; i++)
                if ((uint16_t)(history->look - history->entries[i].look) <= HISTORY_LOOKS)
                        history->entries[n++] = history->entries[i];
        history->n = n;
        map_clear(&history->by_key);
        if (history_keep_owners(history) < 0 || map_reserve(&history->by_key, n) < 0)
                return -ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                (void)map_add(&history->by_key, history->entries[i].key, i);
        return 0;
}

static int history_grow(struct history *history) {
        uint32_t room = history->room ? history->room * 2 : 256;
        struct history_entry *larger;

        larger = reallocarray(history->entries, room, sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        history->entries = larger;
        history->room = room;
        return 0;
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
        return entry->counted && flow->has_counters &&
               (history_fell(&entry->last.in, &flow->original.counter) ||
                history_fell(&entry->last.out, &flow->reply.counter));
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
        const struct map_keys keys = MAP_KEYS(history->entries, key);
        uint64_t key = history_key(history, flow);
        struct history_entry *entry;
        struct flow moved = *flow;
        const uint32_t *known;

        known = map_find(&history->by_key, key, &keys, &key);
        if (!known) {
                if ((history->n == history->room && history_grow(history) < 0) ||
                    map_add(&history->by_key, key, history->n) < 0)
                        return -ENOMEM;
                history->entries[history->n++] = (struct history_entry){ .key = key };
        }
        entry = &history->entries[known ? *known : history->n - 1];
        if (!known || history_is_new(entry, flow)) {
                entry->counted = false;
                if (history_own(history, entry, &OWNERSET_NOBODY) < 0)
                        return -ENOMEM;
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
 * history_owner() - tell whose a flow was
 * @history:    the flows
 * @entry:      the flow
 *
 * Return: its owner, until another flow is given one.
 */
const struct ownerset_owner *history_owner(const struct history *history,
                                           const struct history_entry *entry) {
        return &history->owners.owners[entry->owner];
}

/**
 * history_own() - note whose a flow is
 * @history:    the flows
 * @entry:      the flow
 * @owner:      its owner
 *
 * Return: 0 or -ENOMEM.
 */
int history_own(struct history *history, struct history_entry *entry,
                const struct ownerset_owner *owner) {
        return ownerset_add(&history->owners, owner, &entry->owner);
}

/**
 * history_free() - forget all
 * @history:    the flows
 */
void history_free(struct history *history) {
        free(history->entries);
        map_clear(&history->by_key);
        ownerset_free(&history->owners);
        *history = (struct history){ .seed = history->seed };
}
