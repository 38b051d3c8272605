/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A walk through conntrack's table: one dump by netlink (IPCTNL_MSG_CT_GET with NLM_F_DUMP).
 *
 * Owns: whether the dump missed entries. If the table was resized meanwhile, entries have moved,
 * and the kernel does not report that.
 * Does not: zero a counter (IPCTNL_MSG_CT_GET_CTRZERO), or keep an entry.
 */

#include "netfilter/conntrack.h"
#include "netfilter/flow.h"
#include "netlink/netlink.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

/* Entries that are told at once. */
#define FLOWWALK_BATCH 16

struct flowwalk {
        flow_take take;
        void *context;
        int result; /* of the last take */
        size_t n;
        struct flow flows[FLOWWALK_BATCH];
};

/* Without ctnetlink, nfnetlink_rcv_msg() says EINVAL. */
static int flowwalk_error(int r) {
        switch (r) {
        case -EINVAL:
        case -EOPNOTSUPP:
        case -EPROTONOSUPPORT:
                return FLOW_E_UNAVAILABLE;
        default:
                return r;
        }
}

/* How many places the table has; 0: not known. */
static uint32_t flowwalk_buckets(int proc_fd) {
        uint32_t entries, buckets;

        return conntrack_sysctl_size(proc_fd, &entries, &buckets) ? 0 : buckets;
}

static int flowwalk_tell(struct flowwalk *walk) {
        if (walk->n)
                walk->result = walk->take(walk->context, walk->flows, walk->n);
        walk->n = 0;
        return walk->result;
}

static int flowwalk_message(const struct nlmsghdr *message, void *data) {
        struct flowwalk *walk = data;

        /* what is no entry has no counters to lose; an entry always parses */
        walk->n += !flow_parse(message, &walk->flows[walk->n]);
        return walk->n == FLOWWALK_BATCH ? flowwalk_tell(walk) : 0;
}

/**
 * flow_walk() - tell all entries of this network namespace
 * @proc_fd:    an open /proc
 * @take:       told some at a time
 * @context:    handed to @take
 *
 * An entry that is there all the time is told once; while others come and go, the kernel may tell
 * one twice within the next few.
 *
 * Return: 0, FLOW_E_UNAVAILABLE, FLOW_E_CHANGED after all that could be were told, what @take
 * returned, or a negative errno; -EPERM without CAP_NET_ADMIN.
 */
int flow_walk(int proc_fd, flow_take take, void *context) {
        _cleanup_(netlink_freep) struct netlink *netlink = NULL;
        struct flowwalk walk = { .take = take, .context = context };
        uint32_t buckets = flowwalk_buckets(proc_fd);
        struct nfgenmsg *header;
        int r;

        r = netlink_new(NETLINK_NETFILTER, &netlink);
        if (r < 0)
                return flowwalk_error(r);
        header = mnl_nlmsg_put_extra_header(netlink_question(netlink,
                                                             (NFNL_SUBSYS_CTNETLINK << 8) |
                                                                     IPCTNL_MSG_CT_GET,
                                                             NLM_F_DUMP),
                                            sizeof(*header));
        header->nfgen_family = AF_UNSPEC;
        header->version = NFNETLINK_V0;
        r = netlink_ask(netlink, flowwalk_message, &walk);
        if (walk.result || flowwalk_tell(&walk))
                return walk.result;
        if (r < 0)
                return flowwalk_error(r);
        return r == NETLINK_E_CHANGED || buckets != flowwalk_buckets(proc_fd) ? FLOW_E_CHANGED : 0;
}
