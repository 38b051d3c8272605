/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The index, as its own files see it.
 */

#ifndef INDEX_PRIVATE_H
#define INDEX_PRIVATE_H

#include "index/db.h"
#include "index/index.h"

struct index {
        struct db db;
        enum index_ledger ledger;
        bool supposes; /* a transaction is open that will be taken back */
};

#endif
