/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Owners by number: 100,000s of flows have only a few different owners.
 */

#ifndef AUDIT_OWNERSET_H
#define AUDIT_OWNERSET_H

#include "audit/audit.h"
#include "base/map.h"

/* A key: no padding. */
struct ownerset_owner {
        struct audit_owner owner;
        uint32_t login; /* AUDIT_LOGIN, or 0 */
};

/* Nobody is known. */
#define OWNERSET_NOBODY ((struct ownerset_owner){ AUDIT_OWNER_UNKNOWN, 0 })

struct ownerset {
        struct ownerset_owner *owners;
        struct map map;
        uint32_t n, room;
        uint32_t last; /* most have the owner of the one before */
};

int ownerset_add(struct ownerset *set, const struct ownerset_owner *owner, uint32_t *ret_number);
void ownerset_free(struct ownerset *set);

#endif
