/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Accounts of the users' ledger whose name came late.
 */

#ifndef INDEX_LATENAMES_H
#define INDEX_LATENAMES_H

#include "index/db.h"
#include "index/index.h"

int latenames_read(struct db *db, struct index_answer *answer);
void latenames_free(struct index_answer *answer);

#endif
