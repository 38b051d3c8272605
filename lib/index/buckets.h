/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sums by slot of time and party, on their way into the database.
 */

#ifndef INDEX_BUCKETS_H
#define INDEX_BUCKETS_H

#include "index/db.h"
#include "index/deltas.h"

#include <stdint.h>

#define BUCKETS_DAY 96 /* slots of a day of UTC */

/* The order of the columns behind a bucket's key. */
enum bucket_value {
        BUCKET_OPENED, /* sessions whose first record is in it */
        BUCKET_ENDED,  /* ... and their last */
        BUCKET_BYTES,  /* in and out of each layer */
        BUCKET_VALUES = BUCKET_BYTES + 2 * DELTAS_LAYERS,
};

/* A session's kind, apart from its party. */
enum bucket_class {
        BUCKET_EXCLUDED = 1, /* UNKNOWN beside it is of what the port has to leave out */
        BUCKET_INCOMPLETE = 2,
        BUCKET_UNKNOWN = 4, /* shifted by the layer */
        BUCKET_CLASSES = BUCKET_UNKNOWN << DELTAS_LAYERS,
};

struct buckets;

int buckets_new(struct buckets **ret_buckets);
struct buckets *buckets_free(struct buckets *buckets);
CLEANUP_DEFINE(struct buckets, buckets_free)

int64_t buckets_slot(int64_t time);
int buckets_spread(struct buckets *buckets, struct db *db, int64_t party,
                   const struct deltas_part *part, int sign);
int buckets_count(struct buckets *buckets, struct db *db, int64_t slot, int64_t party,
                  int64_t class, enum bucket_value value, int sign);
int buckets_flush(struct buckets *buckets, struct db *db);

#endif
