/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Conntrack's entries copied by the kernel out of its own table (BPF): what a dump by netlink
 * tells, in a sixth of the time. It needs one entry to begin with.
 */

#ifndef PAM_TRAFFIC_NETFILTER_FLOWSCAN_H
#define PAM_TRAFFIC_NETFILTER_FLOWSCAN_H

#include "pam_traffic/cleanup.h"
#include "pam_traffic/flow.h"

#include <sys/types.h>

enum {
        FLOWSCAN_E_UNAVAILABLE = 1, /* not in this build, this kernel, or not for us */
        FLOWSCAN_E_UNKNOWN, /* the kernel has no such entry, or not where it was looked for */
};

struct flowscan;

int flowscan_new(uint32_t n_buckets, struct flowscan **ret_scan);
struct flowscan *flowscan_free(struct flowscan *scan);
CLEANUP_DEFINE(struct flowscan, flowscan_free)

int flowscan_locate(struct flowscan *scan, const struct flow *known);
ssize_t flowscan_read(struct flowscan *scan, struct flow *flows, size_t n);
int flowscan_confirm(struct flowscan *scan);

#endif
