/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A netlink socket: questions to the kernel, one after the other.
 *
 *      message = netlink_question(netlink, RTM_GETLINK, NLM_F_DUMP);
 *      ... mnl_nlmsg_put_extra_header(message, ...), mnl_attr_put(message, ...)
 *      r = netlink_ask(netlink, take, data);
 *
 * Owns: the socket, the buffers, the sequence numbers, and that no answer is waited for longer than
 * 2 seconds.
 * Relies on: netlink(7) and libmnl, hence not to be linked into the module.
 *
 * The facade of the room: programs include this header, and none of the room's others.
 */

#ifndef NETLINK_NETLINK_H
#define NETLINK_NETLINK_H

#include "base/cleanup.h"
#include "netlink/netlinkanswer.h"
#include "netlink/sockdiag.h"
#include "netlink/vrf.h"

/* Room of a question. libmnl and libnftnl write without looking how much is left: the largest is a
 * rule of 9 expressions, some 700 bytes. */
#define NETLINK_QUESTION_MAX 4096

enum {
        NETLINK_E_CHANGED = 1, /* all that stayed was told; of what came and went some was not */
};

struct netlink;

int netlink_new(int bus, struct netlink **ret_netlink);
struct netlink *netlink_free(struct netlink *netlink);
CLEANUP_DEFINE(struct netlink, netlink_free)

struct nlmsghdr *netlink_question(struct netlink *netlink, uint16_t type, uint16_t flags);
int netlink_ask(struct netlink *netlink, netlink_take take, void *data);

uint32_t netlink_sequence(struct netlink *netlink);
int netlink_commit(struct netlink *netlink, const void *messages, size_t size, uint32_t first);

#endif
