/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The hash map: each key finds its entry, and no other.
 */

#include "base/map.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

struct entry {
        uint8_t other;
        uint64_t key;
};

#define KEYS(entries) (&(const struct map_keys)MAP_KEYS(entries, key))

/* More keys than the first slots; the array moves, as callers' arrays do. */
static void test_many(void **state) {
        const uint32_t n = 100000;
        struct entry *entries = NULL;
        struct map map = { .n = 0 };

        (void)state;
        for (uint32_t i = 0; i < n; i++) {
                uint64_t key = (uint64_t)i << 20, hash = map_hash(7, &key, sizeof(key));

                if (!(i & (i - 1)))
                        entries = reallocarray(entries, i ? 2 * (size_t)i : 1, sizeof(*entries));
                assert_non_null(entries);
                assert_null(map_find(&map, hash, KEYS(entries), &key));
                entries[i] = (struct entry){ .key = key };
                assert_int_equal(map_add(&map, hash, i), 0);
        }
        assert_int_equal(map.n, n);
        for (uint32_t i = 0; i < n; i++) {
                uint64_t hash = map_hash(7, &entries[i].key, sizeof(entries[i].key));
                const uint32_t *number = map_find(&map, hash, KEYS(entries), &entries[i].key);

                assert_non_null(number);
                assert_int_equal(*number, i);
        }
        map_clear(&map);
        assert_null(map_find(&map, 0, KEYS(entries), &entries[0].key));
        free(entries);
}

/* One hash for all keys, the last of a table: each is still found, around its end. */
static void test_collisions(void **state) {
        struct entry entries[1000];
        struct map map = { .n = 0 };
        const uint64_t hash = UINT64_MAX, none = UNIT_COUNT(entries);

        (void)state;
        for (uint32_t i = 0; i < UNIT_COUNT(entries); i++) {
                entries[i] = (struct entry){ .key = i };
                assert_int_equal(map_add(&map, hash, i), 0);
        }
        for (uint32_t i = 0; i < UNIT_COUNT(entries); i++) {
                uint64_t key = i;
                const uint32_t *number = map_find(&map, hash, KEYS(entries), &key);

                assert_non_null(number);
                assert_int_equal(*number, i);
        }
        assert_null(map_find(&map, hash, KEYS(entries), &none));
        assert_null(map_find(&map, hash - 1, KEYS(entries), &none));
        assert_null(map_guess(&map, hash - 1));
        assert_non_null(map_guess(&map, hash));
        map_clear(&map);
}

static void test_replace(void **state) {
        struct entry entries[2] = { { .key = 5 }, { .key = 5 } };
        struct map map = { .n = 0 };

        (void)state;
        assert_int_equal(map_add(&map, 0, 0), 0);
        *map_find(&map, 0, KEYS(entries), &entries[0].key) = 1;
        assert_int_equal(*map_find(&map, 0, KEYS(entries), &entries[0].key), 1);
        map_clear(&map);
}

/* Without memory, what is there stays. */
static void test_no_memory(void **state) {
        struct entry entry = { .key = 5 };
        struct map map = { .n = 0 };

        (void)state;
        assert_int_equal(map_reserve(&map, UINT32_MAX), -ENOMEM);
        assert_null(map.slots);
        assert_int_equal(map_add(&map, 9, 0), 0);
        assert_int_equal(map_reserve(&map, UINT32_MAX), -ENOMEM);
        assert_non_null(map_find(&map, 9, KEYS(&entry), &entry.key));
        map_clear(&map);
}

/* Each byte of a key counts, those behind the last whole word, too; and so does the seed. */
static void test_hash(void **state) {
        uint8_t key[21] = { 0 };
        const uint64_t zero = map_hash(1, key, sizeof(key));

        (void)state;
        assert_true(map_hash(2, key, sizeof(key)) != zero);
        for (size_t i = 0; i < sizeof(key); i++) {
                key[i] = 1;
                assert_true(map_hash(1, key, sizeof(key)) != zero);
                key[i] = 0;
        }
        assert_true(map_hash(1, key, sizeof(key)) == zero);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_many),    cmocka_unit_test(test_collisions),
                cmocka_unit_test(test_replace), cmocka_unit_test(test_no_memory),
                cmocka_unit_test(test_hash),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
