/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which SSH session a login of the users' ledger is.
 */

#ifndef INDEX_LOGINS_H
#define INDEX_LOGINS_H

#include "index/db.h"
#include "index/parties.h"
#include "store/record.h"

int logins_name(const struct record *record, char **ret_name);
char *logins_audit_session(const char *name);
int logins_put(struct db *db, struct parties *parties, const struct record *record);

#endif
