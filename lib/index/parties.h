/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Who moves something: a user's key from an address, on a host; or a port of a host.
 */

#ifndef INDEX_PARTIES_H
#define INDEX_PARTIES_H

#include "index/db.h"
#include "store/record.h"

enum party_kind {
        PARTY_LOGIN,    /* or a user, or one of his logins, in the users' ledger */
        PARTY_PORT,     /* all of a port's traffic, of which logins are a part */
        PARTY_EXCLUDED, /* a login from an excluded network */
};

struct parties;

int parties_new(struct parties **ret_parties);
struct parties *parties_free(struct parties *parties);
CLEANUP_DEFINE(struct parties, parties_free)

void parties_clear(struct parties *parties);
int parties_text(struct parties *parties, struct db *db, const char *text, int64_t *ret_id);
bool parties_is_named(const struct record *record);
int parties_get(struct parties *parties, struct db *db, const struct record *record,
                unsigned int kinds, int64_t *ret_id);
int parties_rekind(struct parties *parties, struct db *db, int64_t id, unsigned int kinds,
                   int64_t *ret_id);

#endif
