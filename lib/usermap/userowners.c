/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How many rows each owner has.
 *
 * Owns: the number by which the kernel knows whether an owner may have one more. The kernel only
 * adds to it; a reap, which removes rows, counts anew. A row that begins in between is missing in
 * the number until the next reap: the bound is not sharp, and need not be.
 */

#include "usermap/userowners.h"

#include "base/map.h"
#include "usermap/bpfcall.h"
#include "usermap/usermaps.h"

#include <errno.h>

struct userowners_one {
        uint32_t owner;
        uint32_t rows;
};

struct userowners {
        struct userowners_one *all;
        uint32_t n;
        struct map places;
};

static void userowners_clear(struct userowners *owners) {
        free(owners->all);
        map_clear(&owners->places);
}

static int userowners_add(struct userowners *owners, uint32_t owner) {
        const struct map_keys keys = MAP_KEYS(owners->all, owner);
        uint64_t hash = map_hash(0, &owner, sizeof(owner));
        const uint32_t *place = map_find(&owners->places, hash, &keys, &owner);
        int r;

        if (place) {
                owners->all[*place].rows++;
                return 0;
        }
        r = map_add(&owners->places, hash, owners->n);
        if (!r)
                owners->all[owners->n++] = (struct userowners_one){ owner, 1 };
        return r;
}

/* What an owner without rows has is nothing. */
static int userowners_clean(struct usermap *map, const struct userowners *owners) {
        const struct map_keys keys = MAP_KEYS(owners->all, owner);
        uint32_t owner, next;
        int r = bpfcall_next(map->owners_fd, NULL, &next);

        while (!r) {
                owner = next;
                r = bpfcall_next(map->owners_fd, &owner, &next);
                if (!map_find(&owners->places, map_hash(0, &owner, sizeof(owner)), &keys, &owner))
                        (void)bpfcall_delete(map->owners_fd, &owner);
        }
        return r == -ENOENT ? 0 : r;
}

/**
 * userowners_recount() - tell the kernel how many rows each owner has
 * @map:        the maps
 * @rows:       all rows that there are
 * @n:          how many
 *
 * Return: 0 or a negative errno.
 */
int userowners_recount(struct usermap *map, const struct usermap_row *rows, size_t n) {
        _cleanup_(userowners_clear) struct userowners owners = { .n = 0 };
        int r = 0;

        owners.all = calloc(n + 1, sizeof(*owners.all));
        if (!owners.all)
                return -ENOMEM;
        for (size_t i = 0; !r && i < n; i++)
                if (rows[i].key.who == USERLAYOUT_USER)
                        r = userowners_add(&owners, rows[i].key.owner);
        for (uint32_t i = 0; !r && i < owners.n; i++)
                r = bpfcall_update(map->owners_fd, &owners.all[i].owner, &owners.all[i].rows);
        return r < 0 ? r : userowners_clean(map, &owners);
}
