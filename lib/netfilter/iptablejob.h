/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Something to do in a legacy table.
 *
 * Owns: the frame of it: take the lock, take a snapshot of the table, look or change, commit, and
 * begin again where somebody who ignores the lock changed the table in between.
 * Relies on: the kernel's counters are zero during a commit until they are added back
 * (IPT_SO_SET_ADD_COUNTERS), so that they are right only under the lock.
 * Does not: know what is done.
 */

#ifndef NETFILTER_IPTABLEJOB_H
#define NETFILTER_IPTABLEJOB_H

#include "netfilter/backend.h"
#include "netfilter/iptable.h"

/* Return: 0, BACKEND_E_..., or a negative errno. A commit that failed may have done its work all
 * the same (see iptable_commit()): what a try has seen stays true for the next. */
typedef int (*iptablejob_work)(struct iptable *table, void *data);

struct iptablejob {
        const char *table;
        sa_family_t family; /* AF_UNSPEC: both, as far as this kernel has them */
        iptablejob_work work;
        void *data;
};

int iptablejob_run(const struct iptablejob *job, struct backend *backend, uint64_t deadline);

#endif
