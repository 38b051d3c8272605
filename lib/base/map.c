/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A hash map by open addressing, with linear probing.
 *
 * Owns: the slots. A slot has the part of the hash that fits. So a search compares few entries with
 * another key, which are far away in memory, and growing the map compares none.
 * Does not: own the entries, or remove one. The array may move; the numbers in it stay.
 */

#include "base/map.h"

#include <errno.h>
#include <stdlib.h>

#define MAP_FIRST 64
/* This bit means that a slot is taken. Below it are bits of the hash, more than a place needs. */
#define MAP_TAKEN (UINT32_C(1) << 31)

static struct map_slot *map_at(const struct map *map, uint32_t at) {
        return &map->slots[at & (map->n_slots - 1)];
}

static void map_put(struct map *map, struct map_slot slot) {
        uint32_t at = slot.hash;

        while (map_at(map, at)->hash)
                at++;
        *map_at(map, at) = slot;
}

/**
 * map_reserve() - make room
 * @map:        the map, which stays as it was if there is no memory
 * @n:          how many keys will be in it
 *
 * Return: 0 or -ENOMEM.
 */
int map_reserve(struct map *map, uint32_t n) {
        uint32_t n_slots = map->n_slots ? map->n_slots : MAP_FIRST;
        struct map larger = { .n = map->n };

        /* a quarter of the slots stays free, so each search ends */
        while (n_slots < MAP_TAKEN && n_slots / 4 * 3 < n)
                n_slots *= 2;
        if (n_slots == map->n_slots)
                return 0;
        if (n_slots == MAP_TAKEN)
                return -ENOMEM;
        larger.slots = calloc(n_slots, sizeof(*larger.slots));
        if (!larger.slots)
                return -ENOMEM;
        larger.n_slots = n_slots;
        for (uint32_t i = 0; i < map->n_slots; i++)
                if (map->slots[i].hash)
                        map_put(&larger, map->slots[i]);
        free(map->slots);
        *map = larger;
        return 0;
}

/**
 * map_add() - add an entry whose key is not in the map yet
 * @map:        the map
 * @hash:       the hash of the key
 * @number:     the entry's place in the array
 *
 * Return: 0 or -ENOMEM.
 */
int map_add(struct map *map, uint64_t hash, uint32_t number) {
        if (map_reserve(map, map->n + 1) < 0)
                return -ENOMEM;
        map_put(map, (struct map_slot){ (uint32_t)hash | MAP_TAKEN, number });
        map->n++;
        return 0;
}

/* The first slot with the hash, from a place on. */
static struct map_slot *map_next(const struct map *map, uint64_t hash, uint32_t *at) {
        struct map_slot *slot;

        while (map->n_slots && (slot = map_at(map, (*at)++))->hash)
                if (slot->hash == ((uint32_t)hash | MAP_TAKEN))
                        return slot;
        return NULL;
}

/**
 * map_find() - find the entry with a key
 * @map:        the map
 * @hash:       the hash of the key
 * @keys:       where the keys of the entries are
 * @key:        the key
 *
 * Return: the entry's number in the map, which may be replaced, until the next key is added; or
 *         NULL.
 */
uint32_t *map_find(const struct map *map, uint64_t hash, const struct map_keys *keys,
                   const void *key) {
        uint32_t at = (uint32_t)hash;
        struct map_slot *slot;

        while ((slot = map_next(map, hash, &at))) {
                const char *entry = (const char *)keys->entries + slot->number * keys->stride;

                if (!memcmp(entry + keys->offset, key, keys->size))
                        return &slot->number;
        }
        return NULL;
}

/**
 * map_guess() - find an entry that probably has a key
 * @map:        the map
 * @hash:       the hash of the key
 *
 * Return: the number of an entry with that hash, or NULL.
 */
const uint32_t *map_guess(const struct map *map, uint64_t hash) {
        uint32_t at = (uint32_t)hash;
        const struct map_slot *slot = map_next(map, hash, &at);

        return slot ? &slot->number : NULL;
}

/**
 * map_prefetch() - let the processor fetch the place of a key that will be searched
 * @map:        the map
 * @hash:       the hash of the key
 */
void map_prefetch(const struct map *map, uint64_t hash) {
        if (map->n_slots)
                __builtin_prefetch(map_at(map, (uint32_t)hash));
}

/**
 * map_clear() - forget all keys
 * @map:        the map
 */
void map_clear(struct map *map) {
        free(map->slots);
        *map = (struct map){ .slots = NULL };
}
