/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Owners by number.
 *
 * Owns: that each owner is in the set once, and keeps its number.
 * Does not: forget one. To forget owners, make a new set of those that are still needed.
 */

#include "audit/ownerset.h"

#include "audit/hash.h"

#include <errno.h>

static bool ownerset_equal(const struct ownerset_owner *a, const struct ownerset_owner *b) {
        return a->owner.uid == b->owner.uid && a->owner.pid == b->owner.pid &&
               a->owner.program == b->owner.program && a->owner.session == b->owner.session &&
               a->login == b->login;
}

/* The slot that has the owner, or where it belongs. */
static uint32_t ownerset_slot(const struct ownerset *set, const struct ownerset_owner *owner) {
        uint64_t hash = hash_number((uint64_t)owner->owner.uid << 32 | owner->owner.pid,
                                    (uint64_t)owner->owner.session << 32 | owner->owner.program);
        uint32_t at = (uint32_t)hash & (set->n_slots - 1);

        while (set->slots[at] && !ownerset_equal(&set->owners[set->slots[at] - 1], owner))
                at = (at + 1) & (set->n_slots - 1);
        return at;
}

/* At least half of the slots stay free. */
static int ownerset_grow(struct ownerset *set) {
        uint32_t room = set->room ? set->room * 2 : 64;
        struct ownerset_owner *larger = reallocarray(set->owners, room, sizeof(*larger));
        uint32_t *slots;

        if (!larger)
                return -ENOMEM;
        set->owners = larger;
        slots = calloc((size_t)room * 2, sizeof(*slots));
        if (!slots)
                return -ENOMEM;
        free(set->slots);
        set->slots = slots;
        set->room = room;
        set->n_slots = room * 2;
        for (uint32_t i = 0; i < set->n; i++)
                set->slots[ownerset_slot(set, &set->owners[i])] = i + 1;
        return 0;
}

/**
 * ownerset_add() - keep an owner, if it is not kept yet
 * @set:        the owners
 * @owner:      the owner
 * @ret_number: its number
 *
 * Return: 0 or -ENOMEM.
 */
int ownerset_add(struct ownerset *set, const struct ownerset_owner *owner, uint32_t *ret_number) {
        uint32_t at;

        if (set->last < set->n && ownerset_equal(&set->owners[set->last], owner)) {
                *ret_number = set->last;
                return 0;
        }
        if (set->n == set->room && ownerset_grow(set) < 0)
                return -ENOMEM;
        at = ownerset_slot(set, owner);
        if (!set->slots[at]) {
                set->owners[set->n] = *owner;
                set->slots[at] = ++set->n;
        }
        *ret_number = set->last = set->slots[at] - 1;
        return 0;
}

/**
 * ownerset_free() - forget all
 * @set:        the owners
 */
void ownerset_free(struct ownerset *set) {
        free(set->owners);
        free(set->slots);
        *set = (struct ownerset){ .owners = NULL };
}
