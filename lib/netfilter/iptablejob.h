/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One piece of work in a legacy table.
 *
 * Owns: the frame of the work: take the lock, take a snapshot of the table, read or change, commit,
 * and begin again if a program that ignores the lock changed the table in between.
 * Relies on: during a commit the kernel's counters are zero until they are added back
 * (IPT_SO_SET_ADD_COUNTERS). So they are right only under the lock.
 * Does not: know what the work is.
 */

#ifndef NETFILTER_IPTABLEJOB_H
#define NETFILTER_IPTABLEJOB_H

#include "netfilter/backend.h"
#include "netfilter/iptable.h"

/* Return: 0, BACKEND_E_..., or a negative errno. A commit that failed may still have changed the
 * table (see iptable_commit()): so what one try found missing stays noted in the next. */
typedef int (*iptablejob_work)(struct iptable *table, void *data);

struct iptablejob {
        const char *table;
        sa_family_t family; /* AF_UNSPEC: both, if this kernel has them */
        iptablejob_work work;
        void *data;
};

int iptablejob_run(const struct iptablejob *job, struct backend *backend, uint64_t deadline);

#endif
