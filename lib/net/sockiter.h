/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All sockets, and who holds them, told by the kernel itself in one pass each (BPF): what
 * sockfile_walk() and holders_walk() find through files of /proc, in a fraction of the time.
 */

#ifndef PAM_TRAFFIC_NET_SOCKITER_H
#define PAM_TRAFFIC_NET_SOCKITER_H

#include "net/holders.h"
#include "net/socktable.h"
#include "pam_traffic/cleanup.h"

enum {
        SOCKITER_E_UNAVAILABLE = 1, /* not in this build, this kernel, or not for us */
};

/* Told each socket; what is not 0 ends the walk and is returned. */
typedef int (*sockiter_take)(void *context, uint8_t protocol, const struct socktable_row *row);

struct sockiter;

int sockiter_new(int proc_fd, struct sockiter **ret_iter);
struct sockiter *sockiter_free(struct sockiter *iter);
CLEANUP_DEFINE(struct sockiter, sockiter_free)

int sockiter_begin(struct sockiter *iter);
int sockiter_sockets(struct sockiter *iter, sockiter_take take, void *context);
int sockiter_holders(struct sockiter *iter, holders_take take, void *context);

#endif
