/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The lock that all programs that use legacy iptables share.
 */

#ifndef NETFILTER_XTLOCK_H
#define NETFILTER_XTLOCK_H

#include <stdint.h>

enum {
        XTLOCK_E_BUSY = 1, /* somebody else held it until the deadline */
};

int xtlock_acquire(const char *path, uint64_t deadline, uint64_t *waited, int *ret_fd);

#endif
