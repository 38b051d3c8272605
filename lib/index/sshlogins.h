/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which SSH session a login of the users' ledger is.
 */

#ifndef INDEX_SSHLOGINS_H
#define INDEX_SSHLOGINS_H

#include "index/db.h"
#include "index/parties.h"
#include "store/record.h"

int sshlogins_name(const struct record *record, char **ret_name);
char *sshlogins_audit_session(const char *name);
int sshlogins_put(struct db *db, struct parties *parties, const struct record *record);

#endif
