/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What each flow had counted at the previous looks, and to whom it belonged.
 */

#ifndef AUDIT_HISTORY_H
#define AUDIT_HISTORY_H

#include "audit/audit.h"
#include "audit/ownerset.h"
#include "base/map.h"
#include "netfilter/flow.h"

/* How many looks a flow that is no longer told is remembered: one that a walk missed is not new. */
#define HISTORY_LOOKS 3

/* 48 bytes: a host may have 100,000s. */
struct history_entry {
        uint64_t key;        /* of the tuple, the id and the begin */
        struct traffic last; /* in: of the original way, out: of the reply */
        uint32_t owner;      /* in the set */
        uint16_t look;       /* when it was told last; the end of that number */
        bool counted;
};

struct history {
        uint64_t seed;
        struct history_entry *entries;
        struct map by_key;
        uint32_t n, room;
        uint16_t look;
        struct ownerset owners;
};

int history_begin(struct history *history);
int history_step(struct history *history, const struct flow *flow, struct flow *ret_moved,
                 struct history_entry **ret_entry);
const struct ownerset_owner *history_owner(const struct history *history,
                                           const struct history_entry *entry);
int history_own(struct history *history, struct history_entry *entry,
                const struct ownerset_owner *owner);
void history_free(struct history *history);

#endif
