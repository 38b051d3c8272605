/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the legacy tables have of ours.
 *
 * Relies on: the first access to a legacy table creates it (backend_is_untouched()), so tables that
 * nobody has used are not read. Counters are zero while somebody commits; so this takes the lock.
 * It does not make a missing lock file, and does not wait long, because an admin may hold the lock
 * himself.
 */

#include "base/clock.h"
#include "base/patience.h"
#include "netfilter/backend.h"
#include "netfilter/chain.h"
#include "netfilter/iptable.h"
#include "netfilter/iptables.h"
#include "netfilter/xtlock.h"

#include <errno.h>
#include <fcntl.h>

static void iptableslook_add(struct counter *sum, const struct counter *counter) {
        sum->bytes += counter->bytes;
        sum->packets += counter->packets;
}

/* A family that this kernel does not have, or that nobody has touched, has no part in it. */
static void iptableslook_family(const struct iptable_family *family, struct survey_base *base,
                                bool *complete) {
        _cleanup_(iptable_close) struct iptable table = { 0 };
        struct chain_look look;
        int r = iptable_open(family, IPTABLE_MANGLE, &table);

        if (r) {
                base->error = r == IPTABLE_E_CHANGED ? EAGAIN : r < 0 ? -r : base->error;
                return;
        }
        chain_look(&table, &look);
        base->available = true;
        base->there |= look.there;
        *complete = *complete && look.complete;
        iptableslook_add(&base->seen.in, &look.seen.in);
        iptableslook_add(&base->seen.out, &look.seen.out);
}

/**
 * iptableslook_base() - look at the backend's base, and change nothing
 * @proc_fd:    an open /proc
 * @lock_path:  the lock that all users of legacy iptables share
 * @base:       gets how it stands
 */
void iptableslook_base(int proc_fd, const char *lock_path, struct survey_base *base) {
        _cleanup_(fd_closep) int lock = -1;
        bool complete = true;

        if (backend_is_untouched("iptables", proc_fd)) {
                base->available = !faccessat(proc_fd, "self/net/ip_tables_names", F_OK, 0);
                return;
        }
        if (!access(lock_path, F_OK))
                (void)xtlock_acquire(lock_path, clock_now(CLOCK_MONOTONIC) + IPTABLESLOOK_PATIENCE,
                                     NULL, &lock);
        iptableslook_family(&iptable_ipv4, base, &complete);
        iptableslook_family(&iptable_ipv6, base, &complete);
        base->complete = base->there && complete;
        base->counted = true;
}
