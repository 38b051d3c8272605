/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Records that are not in the log: what the open sessions would be recorded with now.
 *
 * Owns: that nothing of them stays. They are taken in like others, in a transaction that is taken
 * back. As long as it is open nobody else can take in the log; so it must be short.
 */

#include "index/accounts.h"
#include "index/buckets.h"
#include "index/marks.h"
#include "index/parties.h"
#include "index/private.h"

struct suppose {
        struct buckets *buckets;
        struct parties *parties;
        struct accounts *accounts;
};

static void suppose_free(struct suppose *suppose) {
        (void)accounts_free(suppose->accounts);
        (void)parties_free(suppose->parties);
        (void)buckets_free(suppose->buckets);
}

static int suppose_take(struct suppose *suppose, struct db *db, struct record *const *records,
                        size_t n) {
        int r = accounts_begin(suppose->accounts);

        for (size_t i = 0; i < n && !r; i++)
                r = record_is_users_mark(records[i]) ? marks_put(db, suppose->parties, records[i])
                                                     : accounts_take(suppose->accounts, records[i]);
        accounts_uncount(suppose->accounts);
        return r ? r : accounts_flush(suppose->accounts, 0);
}

/**
 * index_suppose() - answer as if the log had some records more, until index_suppose_end()
 * @index:      the index, up to date
 * @records:    the records, which logreader would find good
 * @n:          how many; 0: the log has all
 *
 * Return: 0, INDEX_E_BUSY, INDEX_E_DAMAGED, or a negative errno: then it answers as before.
 */
int index_suppose(struct index *index, struct record *const *records, size_t n) {
        _cleanup_(suppose_free) struct suppose suppose = { 0 };
        struct db *db = &index->db;
        int r;

        index_suppose_end(index);
        r = buckets_new(&suppose.buckets);
        if (!r)
                r = parties_new(&suppose.parties);
        if (!r)
                r = accounts_new(db, suppose.buckets, suppose.parties, &suppose.accounts);
        if (!r)
                r = db_run(db, DB_BEGIN);
        if (r)
                return r;
        index->supposes = true;
        r = suppose_take(&suppose, db, records, n);
        if (r)
                index_suppose_end(index);
        return r;
}

/**
 * index_suppose_end() - forget what index_suppose() took in
 * @index:      the index; nothing happens if nothing was
 */
void index_suppose_end(struct index *index) {
        if (index->supposes)
                (void)db_run(&index->db, DB_ROLLBACK);
        index->supposes = false;
}
