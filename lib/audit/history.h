/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What each flow had counted at the looks before, and whose it was.
 */

#ifndef AUDIT_HISTORY_H
#define AUDIT_HISTORY_H

#include "pam_traffic/audit.h"
#include "pam_traffic/flow.h"

/* How many looks a flow that is no longer told is remembered: one that a walk missed is not new. */
#define HISTORY_LOOKS 3

struct history_entry {
        struct connection original;
        struct traffic last; /* in: of the original way, out: of the reply */
        struct audit_owner owner;
        uint64_t started;
        uint32_t id;
        uint32_t look; /* when it was told last */
        uint8_t protocol;
        bool login;
        bool counted;
};

struct history {
        uint64_t seed;
        struct history_entry *entries;
        uint32_t *slots;
        uint32_t n, room, n_slots;
        uint32_t look;
};

int history_begin(struct history *history);
int history_step(struct history *history, const struct flow *flow, struct flow *ret_moved,
                 struct history_entry **ret_entry);
void history_free(struct history *history);

#endif
