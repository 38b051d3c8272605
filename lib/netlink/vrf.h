/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The interfaces of VRFs (virtual routing and forwarding) in this network namespace.
 *
 * Relies on: rtnetlink(7) and libmnl; so it must not be linked into the module. A packet that goes
 * out through a VRF passes OUTPUT twice (vrf_l3_out() in drivers/net/vrf.c); conntrack counts it
 * once.
 */

#ifndef NETLINK_VRF_H
#define NETLINK_VRF_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vrf_link {
        uint32_t index;
        bool is_master; /* the VRF itself; else an interface in one */
        char name[IF_NAMESIZE];
};

int vrf_links(struct vrf_link **ret_links, size_t *ret_n);

#endif
