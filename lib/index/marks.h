/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The marks of the log: since when logins were not recorded.
 */

#ifndef INDEX_MARKS_H
#define INDEX_MARKS_H

#include "index/db.h"
#include "index/parties.h"
#include "store/record.h"

int marks_put(struct db *db, struct parties *parties, const struct record *record);

#endif
