/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the files that do the parts of a look share.
 */

#ifndef AUDIT_LOOK_H
#define AUDIT_LOOK_H

#include "audit/audit.h"
#include "audit/history.h"
#include "audit/locals.h"
#include "audit/logins.h"
#include "audit/names.h"
#include "audit/owners.h"
#include "audit/rows.h"
#include "net/socktable.h"
#include "netfilter/flow.h"

/* A power of 2, above the entries of one place in conntrack's table (flow_walk()). */
#define AUDIT_RECENT 64

struct audit {
        struct audit_options options;
        struct names names; /* these two stay from look to look */
        struct history history;

        struct rows rows;
        struct locals locals;
        struct logins logins;
        struct owners owners;
        struct audit_missing missing;
        uint64_t now; /* CLOCK_REALTIME in nanoseconds */
        uint64_t recent[AUDIT_RECENT];
        uint32_t n_flows;
        size_t n_holders;
};

int socketrows_take(struct audit *audit, uint8_t protocol, const struct socktable_row *socket);
void socketrows_hold(struct audit *audit, pid_t pid, uint64_t inode);
int socketrows_own(struct audit *audit);
int flows_take(struct audit *audit, const struct flow *flows, size_t n);

#endif
