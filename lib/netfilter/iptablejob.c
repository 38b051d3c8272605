/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One piece of work in a legacy table.
 */

#include "netfilter/iptablejob.h"

#include "base/clock.h"
#include "netfilter/xtlock.h"

#include <errno.h>

#define IPTABLEJOB_TRIES 10

/* Return: 0 and the work's own result, IPTABLE_E_..., or a negative errno. */
static int iptablejob_try(const struct iptablejob *job, const struct iptable_family *family,
                          int *ret_result) {
        _cleanup_(iptable_close) struct iptable table = { 0 };
        int r;

        r = iptable_open(family, job->table, &table);
        if (r)
                return r;
        r = job->work(&table, job->data);
        if (r < 0)
                return r;
        *ret_result = r;
        return r ? 0 : iptable_commit(&table);
}

/* Do the work in the table of one family. The caller has the lock. */
static int iptablejob_run_family(const struct iptablejob *job, const struct iptable_family *family,
                                 uint64_t deadline) {
        int r = 0;

        for (int i = 0; i < IPTABLEJOB_TRIES; i++) {
                int result = 0;

                r = iptablejob_try(job, family, &result);
                if (r == IPTABLE_E_UNAVAILABLE)
                        return BACKEND_E_UNAVAILABLE;
                /* do_add_counters() in ip_tables.c says EINVAL where it means EAGAIN */
                if (r != IPTABLE_E_CHANGED && r != -EINVAL)
                        return r < 0 ? r : result;
                if (clock_now(CLOCK_MONOTONIC) >= deadline)
                        break;
        }
        return r < 0 ? r : BACKEND_E_BUSY;
}

/**
 * iptablejob_run() - do the work
 * @job:        the work, and its tables
 * @backend:    the backend; the time that was waited for the lock is added to its own
 * @deadline:   the latest moment to wait for that lock, microseconds of CLOCK_MONOTONIC
 *
 * Return: 0, the result of the work, BACKEND_E_UNAVAILABLE if this kernel has none of the tables,
 * BACKEND_E_BUSY, or a negative errno.
 */
int iptablejob_run(const struct iptablejob *job, struct backend *backend, uint64_t deadline) {
        static const struct iptable_family *const families[] = { &iptable_ipv4, &iptable_ipv6 };
        _cleanup_(fd_closep) int lock = -1;
        bool available = false;
        int r;

        r = xtlock_acquire(backend->lock_path, deadline, &backend->waited, &lock);
        if (r)
                return r == XTLOCK_E_BUSY ? BACKEND_E_BUSY : r;

        for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
                if (job->family != AF_UNSPEC && job->family != families[i]->family)
                        continue;
                r = iptablejob_run_family(job, families[i], deadline);
                if (r == BACKEND_E_UNAVAILABLE)
                        continue;
                if (r)
                        return r;
                available = true;
        }
        return available ? 0 : BACKEND_E_UNAVAILABLE;
}
