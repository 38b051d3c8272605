/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All sockets of this network namespace, as the kernel's socket diagnosis reports them.
 */

#ifndef NETLINK_SOCKDUMP_H
#define NETLINK_SOCKDUMP_H

#include "net/socktable.h"

enum {
        SOCKDUMP_E_UNAVAILABLE = 1, /* this kernel has none for TCP or for UDP */
};

/* Told each socket; what is not 0 ends the walk and is returned: a negative errno. */
typedef int (*sockdump_take)(void *context, uint8_t protocol, const struct socktable_row *row);

int sockdump_walk(sockdump_take take, void *context);

#endif
