/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The lock that all programs that use legacy iptables share.
 *
 * Relies on: iptables/xshared.c: flock(2), exclusive, on a file that is made if it is missing.
 * Does not: read XTABLES_LOCKFILE: an admin who sets it for iptables builds pam_traffic with that
 * path.
 */

#include "netfilter/xtlock.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/patience.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>

/**
 * xtlock_acquire() - take the lock
 * @path:       its file
 * @deadline:   the latest moment to wait for it, microseconds of CLOCK_MONOTONIC; it is tried
 *              once in any case
 * @waited:     grows by what was waited for it, microseconds; NULL: nobody wants to know
 * @ret_fd:     closing this gives it back
 *
 * flock(2) has no timeout, and a signal to end its wait would be the whole process's.
 *
 * Return: 0, XTLOCK_E_BUSY, or a negative errno.
 */
int xtlock_acquire(const char *path, uint64_t deadline, uint64_t *waited, int *ret_fd) {
        uint64_t begin = clock_now(CLOCK_MONOTONIC);
        _cleanup_(fd_closep) int fd = -1;
        bool held = false;
        int r = 0;

        fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;

        while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                if (errno == EINTR)
                        continue;
                held = true;
                if (errno != EWOULDBLOCK)
                        r = -errno;
                else if (clock_now(CLOCK_MONOTONIC) >= deadline)
                        r = XTLOCK_E_BUSY;
                if (r)
                        break;
                clock_sleep(XTLOCK_INTERVAL);
        }
        if (held && waited)
                *waited += clock_now(CLOCK_MONOTONIC) - begin;
        if (!r)
                *ret_fd = fd_steal(&fd);
        return r;
}
