/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sums by slot of time and party.
 *
 * Owns: how a part is spread over the slots of its span: evenly, and no byte is lost; and a bounded
 * cache of sums, which is written to the database when it is full. Each sum is stored by slot and
 * by day of UTC: a report of a year by user needs only the days.
 */

#include "index/buckets.h"

#include "index/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_ROOM ((size_t)1 << 15) /* a power of two */
#define BUCKETS_FULL (BUCKETS_ROOM / 4 * 3)
#define BUCKETS_PIECES 1000 /* of one part, at most: ten days of slots */

__extension__ typedef unsigned __int128 bucket_product;

struct bucket {
        int64_t slot; /* or day */
        int64_t party;
        int64_t class;
        int64_t value[BUCKET_VALUES];
        int64_t used;
};

struct bucket_table {
        enum db_statement statement; /* that adds one */
        size_t n;
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
        const struct bucket *x = a, *y = b;

        if (x->used != y->used)
                return x->used > y->used ? -1 : 1;
        if (x->slot != y->slot)
                return x->slot < y->slot ? -1 : 1;
        if (x->party != y->party)
                return x->party < y->party ? -1 : 1;
        return x->class < y->class ? -1 : x->class > y->class;
}

/* Add all of a table to what the database has, in its order: neighbours share its pages. */
static int buckets_table_flush(struct bucket_table *table, struct db *db) {
        int r = 0;

        qsort(table->of, BUCKETS_ROOM, sizeof(*table->of), buckets_compare);
        for (size_t i = 0; i < table->n && !r; i++)
                r = db_write(db, table->statement, &table->of[i].slot, 3 + BUCKET_VALUES);
        memset(table->of, 0, sizeof(table->of));
        table->n = 0;
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

/* The steps of splitmix64; who may log in cannot choose parties' numbers, so no seed. */
static size_t buckets_place(int64_t slot, int64_t party, int64_t class) {
        uint64_t x = (uint64_t)slot * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)party * 16 +
                     (uint64_t) class;

        x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
        return (size_t)(x ^ x >> 31) & (BUCKETS_ROOM - 1);
}

static int buckets_table_get(struct bucket_table *table, struct db *db, int64_t slot, int64_t party,
                             int64_t class, struct bucket **ret_bucket) {
        size_t i;

        if (table->n >= BUCKETS_FULL) {
                int r = buckets_table_flush(table, db);

                if (r)
                        return r;
        }
        for (i = buckets_place(slot, party, class); table->of[i].used;
             i = (i + 1) & (BUCKETS_ROOM - 1))
                if (table->of[i].slot == slot && table->of[i].party == party &&
                    table->of[i].class == class)
                        break;
        if (!table->of[i].used) {
                table->of[i] =
                        (struct bucket){ .slot = slot, .party = party, .class = class, .used = 1 };
                table->n++;
        }
        *ret_bucket = &table->of[i];
        return 0;
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
        for (size_t i = 0; i < 2 * (size_t)TRAIL_LAYERS; i++) {
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
                   const struct trail_part *part, int sign) {
        int64_t span = part->to - part->from;
        /* a span ends before its last moment */
        int64_t slot = buckets_slot(part->from), last = buckets_slot(part->to - (span > 0));
        int64_t step = 1 + (last - slot) / BUCKETS_PIECES;
        const int64_t *bytes = part->bytes[0];
        int64_t piece[2 * TRAIL_LAYERS], given[2 * TRAIL_LAYERS] = { 0 };

        for (; slot + step <= last; slot += step) {
                int64_t until = (slot + step) * (int64_t)INDEX_SLOT - part->from;
                int r;

                for (size_t i = 0; i < 2 * (size_t)TRAIL_LAYERS; i++) {
                        piece[i] = buckets_share(bytes[i], until, span) - given[i];
                        given[i] += piece[i];
                }
                r = buckets_add(buckets, db, slot, party, piece, sign);
                if (r)
                        return r;
        }
        for (size_t i = 0; i < 2 * (size_t)TRAIL_LAYERS; i++)
                piece[i] = bytes[i] - given[i];
        return buckets_add(buckets, db, slot, party, piece, sign);
}
