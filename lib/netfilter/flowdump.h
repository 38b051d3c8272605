/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Conntrack's table told by netlink, part by part: receiving and reading may be two threads'.
 */

#ifndef PAM_TRAFFIC_NETFILTER_FLOWDUMP_H
#define PAM_TRAFFIC_NETFILTER_FLOWDUMP_H

#include "pam_traffic/cleanup.h"
#include "pam_traffic/flow.h"

#include <sys/types.h>

/* Above what the kernel writes at once. */
#define FLOWDUMP_PART (64 * 1024)

/* The dump is over. No errno, and nothing that a taker returns. */
#define FLOWDUMP_DONE 0x10000

struct flowdump;

int flowdump_new(struct flowdump **ret_dump);
struct flowdump *flowdump_free(struct flowdump *dump);
CLEANUP_DEFINE(struct flowdump, flowdump_free)

ssize_t flowdump_read(struct flowdump *dump, void *part, size_t size);
int flowdump_tell(const void *part, size_t size, flow_take take, void *context, bool *changed);

#endif
