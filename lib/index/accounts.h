/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions of the index: each record is added to its session's account.
 */

#ifndef INDEX_ACCOUNTS_H
#define INDEX_ACCOUNTS_H

#include "index/buckets.h"
#include "index/db.h"
#include "index/parties.h"
#include "store/record.h"

struct accounts;

int accounts_new(struct db *db, struct buckets *buckets, struct parties *parties,
                 struct accounts **ret_accounts);
struct accounts *accounts_free(struct accounts *accounts);
CLEANUP_DEFINE(struct accounts, accounts_free)

int accounts_begin(struct accounts *accounts);
int accounts_take(struct accounts *accounts, const struct record *record);
void accounts_uncount(struct accounts *accounts);
int accounts_flush(struct accounts *accounts, uint64_t bad_lines);

#endif
