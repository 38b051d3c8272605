/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A hash map: it finds the entry of an array that has a key.
 *
 *      const struct map_keys keys = MAP_KEYS(entries, pid);
 *      hash = map_hash(seed, &pid, sizeof(pid));
 *      number = map_find(&map, hash, &keys, &pid);
 *      if (!number)
 *              ... entries[n].pid = pid, r = map_add(&map, hash, n++)
 *
 * A struct map that is all zero is an empty map.
 */

#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct map_slot {
        uint32_t hash; /* 0: the slot is free */
        uint32_t number;
};

struct map {
        struct map_slot *slots;
        uint32_t n_slots; /* 0, or a power of 2 */
        uint32_t n;
};

/* Where the keys are: inside of the entries of an array. */
struct map_keys {
        const void *entries;
        size_t stride, offset, size;
};

#define MAP_KEYS(array, member)                                                    \
        {                                                                          \
                (array), sizeof(*(array)), offsetof(__typeof__(*(array)), member), \
                        sizeof((array)->member)                                    \
        }

/*
 * The steps of splitmix64 (Steele, Lea, Flood, 2014): each bit of the sum reaches all others. With
 * a seed that nobody knows, nobody can choose keys that all fall into one place.
 */
static inline uint64_t map_hash_word(uint64_t seed, uint64_t word) {
        uint64_t x = (seed ^ word) + UINT64_C(0x9e3779b97f4a7c15);

        x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
        return x ^ x >> 31;
}

/* The hash of a key that has several parts: the hash of each part is the seed of the next. */
static inline uint64_t map_hash(uint64_t seed, const void *key, size_t size) {
        const unsigned char *at = key;
        uint64_t word;

        for (; size >= sizeof(word); at += sizeof(word), size -= sizeof(word)) {
                memcpy(&word, at, sizeof(word));
                seed = map_hash_word(seed, word);
        }
        word = 0;
        memcpy(&word, at, size);
        return size ? map_hash_word(seed, word) : seed;
}

int map_reserve(struct map *map, uint32_t n);
int map_add(struct map *map, uint64_t hash, uint32_t number);
uint32_t *map_find(const struct map *map, uint64_t hash, const struct map_keys *keys,
                   const void *key);
const uint32_t *map_guess(const struct map *map, uint64_t hash);
void map_prefetch(const struct map *map, uint64_t hash);
void map_clear(struct map *map);

#endif
