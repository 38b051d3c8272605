/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Owners by number.
 *
 * Owns: that each owner is in the set once, and keeps its number.
 * Does not: forget one. To forget owners, make a new set of those that are still needed.
 */

#include "audit/ownerset.h"

#include <errno.h>

static int ownerset_grow(struct ownerset *set) {
        uint32_t room = set->room ? set->room * 2 : 64;
        struct ownerset_owner *larger = reallocarray(set->owners, room, sizeof(*larger));

        if (!larger)
                return -ENOMEM;
        set->owners = larger;
        set->room = room;
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
        const struct map_keys keys = { set->owners, sizeof(*owner), 0, sizeof(*owner) };
        uint64_t hash;
        const uint32_t *known;

        if (set->last < set->n && !memcmp(&set->owners[set->last], owner, sizeof(*owner))) {
                *ret_number = set->last;
                return 0;
        }
        hash = map_hash(0, owner, sizeof(*owner));
        known = map_find(&set->map, hash, &keys, owner);
        if (known) {
                *ret_number = set->last = *known;
                return 0;
        }
        if ((set->n == set->room && ownerset_grow(set) < 0) || map_add(&set->map, hash, set->n) < 0)
                return -ENOMEM;
        set->owners[set->n] = *owner;
        *ret_number = set->last = set->n++;
        return 0;
}

/**
 * ownerset_free() - forget all
 * @set:        the owners
 */
void ownerset_free(struct ownerset *set) {
        free(set->owners);
        map_clear(&set->map);
        *set = (struct ownerset){ .owners = NULL };
}
