/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which SSH session a login of the users' ledger is.
 */

#ifndef INDEX_SSHLOGINS_H
#define INDEX_SSHLOGINS_H

#include "index/db.h"
#include "index/parties.h"
#include "store/record.h"

#include <stdint.h>

int64_t sshlogins_audit(const struct record *record);
char *sshlogins_text(int64_t audit, const int64_t session[static 2]);
int sshlogins_put(struct db *db, struct parties *parties, const struct record *record);

#endif
