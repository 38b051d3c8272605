/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sums by slot of time and party.
 *
 * Owns: how a part is spread over the slots of its span: evenly, and no byte is lost; and a bounded
 * cache of sums, which is written to the database when it is full. Each sum is stored by slot and
 * by day of UTC: a report of a year by user needs only the days.
 */

#include "index/buckets.h"

#include "base/map.h"
#include "index/index.h"

#include <errno.h>
#include <stdlib.h>

#define BUCKETS_ROOM 24576
#define BUCKETS_PIECES 1000 /* of one part, at most: ten days of slots */

__extension__ typedef unsigned __int128 bucket_product;

struct bucket_key {
        int64_t slot; /* or day */
        int64_t party;
        int64_t class;
};

struct bucket {
        struct bucket_key key;
        int64_t value[BUCKET_VALUES];
};

struct bucket_table {
        enum db_statement statement; /* that adds one */
        struct map map;
        struct bucket of[BUCKETS_ROOM];
};

struct buckets {
        struct bucket_table slots, days;
};

/**
 * buckets_new() - begin without sums
 * @ret_buckets:        the sums
 *
 * Return: 0 or -ENOMEM.
 */
int buckets_new(struct buckets **ret_buckets) {
        struct buckets *buckets = calloc(1, sizeof(*buckets));

        if (!buckets)
                return -ENOMEM;
        buckets->slots.statement = DB_ADD_SLOT;
        buckets->days.statement = DB_ADD_DAY;
        *ret_buckets = buckets;
        return 0;
}

/**
 * buckets_free() - end what buckets_new() began
 * @buckets:    the sums, or NULL; what was not flushed is lost
 *
 * Return: NULL.
 */
struct buckets *buckets_free(struct buckets *buckets) {
        if (buckets) {
                map_clear(&buckets->slots.map);
                map_clear(&buckets->days.map);
        }
        free(buckets);
        return NULL;
}

/**
 * buckets_slot() - tell in which slot a moment is
 * @time:       CLOCK_REALTIME in microseconds
 *
 * Return: the slot.
 */
int64_t buckets_slot(int64_t time) {
        return time / (int64_t)INDEX_SLOT;
}

static int buckets_compare(const void *a, const void *b) {
        const struct bucket_key *x = a, *y = b;

        if (x->slot != y->slot)
                return x->slot < y->slot ? -1 : 1;
        if (x->party != y->party)
                return x->party < y->party ? -1 : 1;
        return x->class < y->class ? -1 : x->class > y->class;
}

/* Add all of a table to what the database has, in its order: neighbours share its pages. */
static int buckets_table_flush(struct bucket_table *table, struct db *db) {
        int r = 0;

        qsort(table->of, table->map.n, sizeof(*table->of), buckets_compare);
        for (size_t i = 0; i < table->map.n && !r; i++)
                r = db_write(db, table->statement, &table->of[i].key.slot, 3 + BUCKET_VALUES);
        map_clear(&table->map);
        return r;
}

/**
 * buckets_flush() - put all sums into the database
 * @buckets:    the sums; none behind it
 * @db:         the database, in a transaction
 *
 * Return: as db_write().
 */
int buckets_flush(struct buckets *buckets, struct db *db) {
        int r = buckets_table_flush(&buckets->slots, db);

        return r ? r : buckets_table_flush(&buckets->days, db);
}

static int buckets_table_get(struct bucket_table *table, struct db *db, int64_t slot, int64_t party,
                             int64_t class, struct bucket **ret_bucket) {
        const struct map_keys keys = MAP_KEYS(table->of, key);
        const struct bucket_key key = { slot, party, class };
        /* who may log in cannot choose the numbers of parties, so no seed */
        uint64_t hash = map_hash(0, &key, sizeof(key));
        uint32_t *found, number = table->map.n;
        int r = 0;

        found = map_find(&table->map, hash, &keys, &key);
        if (!found && number == BUCKETS_ROOM) {
                r = buckets_table_flush(table, db);
                number = 0;
        }
        if (!found && !r) {
                table->of[number] = (struct bucket){ .key = key };
                r = map_add(&table->map, hash, number);
        }
        if (!r)
                *ret_bucket = &table->of[found ? *found : number];
        return r;
}

/**
 * buckets_count() - count a session where it begins or ends
 * @buckets:    the sums
 * @db:         the database, in a transaction
 * @slot:       when
 * @party:      whose
 * @class:      its kind
 * @value:      BUCKET_OPENED or BUCKET_ENDED
 * @sign:       1, or -1 to take it back
 *
 * Return: as db_write().
 */
int buckets_count(struct buckets *buckets, struct db *db, int64_t slot, int64_t party,
                  int64_t class, enum bucket_value value, int sign) {
        struct bucket *bucket;
        int r;

        r = buckets_table_get(&buckets->slots, db, slot, party, class, &bucket);
        if (r)
                return r;
        db_sum_add(&bucket->value[value], sign);
        r = buckets_table_get(&buckets->days, db, slot / BUCKETS_DAY, party, class, &bucket);
        if (r)
                return r;
        db_sum_add(&bucket->value[value], sign);
        return 0;
}

static int buckets_add(struct buckets *buckets, struct db *db, int64_t slot, int64_t party,
                       const int64_t *bytes, int sign) {
        struct bucket *of_slot, *of_day;
        int r;

        r = buckets_table_get(&buckets->slots, db, slot, party, 0, &of_slot);
        if (!r)
                r = buckets_table_get(&buckets->days, db, slot / BUCKETS_DAY, party, 0, &of_day);
        if (r)
                return r;
        for (size_t i = 0; i < 2 * (size_t)DELTAS_LAYERS; i++) {
                db_sum_add(&of_slot->value[BUCKET_BYTES + i], sign * bytes[i]);
                db_sum_add(&of_day->value[BUCKET_BYTES + i], sign * bytes[i]);
        }
        return 0;
}

/* What flowed of some bytes in the first part of a span. */
static int64_t buckets_share(int64_t bytes, int64_t part, int64_t span) {
        return (int64_t)((bucket_product)bytes * (bucket_product)part / (bucket_product)span);
}

/**
 * buckets_spread() - add a part to the slots in which it flowed
 * @buckets:    the sums
 * @db:         the database, in a transaction
 * @party:      whose it is
 * @part:       the part
 * @sign:       1, or -1 to take it back
 *
 * Return: as db_write().
 */
int buckets_spread(struct buckets *buckets, struct db *db, int64_t party,
                   const struct deltas_part *part, int sign) {
        int64_t span = part->to - part->from;
        /* a span ends before its last moment */
        int64_t slot = buckets_slot(part->from), last = buckets_slot(part->to - (span > 0));
        int64_t step = 1 + (last - slot) / BUCKETS_PIECES;
        const int64_t *bytes = part->bytes[0];
        int64_t piece[2 * DELTAS_LAYERS], given[2 * DELTAS_LAYERS] = { 0 };

        for (; slot + step <= last; slot += step) {
                int64_t until = (slot + step) * (int64_t)INDEX_SLOT - part->from;
                int r;

                for (size_t i = 0; i < 2 * (size_t)DELTAS_LAYERS; i++) {
                        piece[i] = buckets_share(bytes[i], until, span) - given[i];
                        given[i] += piece[i];
                }
                r = buckets_add(buckets, db, slot, party, piece, sign);
                if (r)
                        return r;
        }
        for (size_t i = 0; i < 2 * (size_t)DELTAS_LAYERS; i++)
                piece[i] = bytes[i] - given[i];
        return buckets_add(buckets, db, slot, party, piece, sign);
}
