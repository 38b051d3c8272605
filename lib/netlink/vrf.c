/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The interfaces of VRFs in this network namespace.
 *
 * Relies on: linux/if_link.h. The kind of a link is in IFLA_LINKINFO, IFLA_INFO_KIND. If the master
 * of a link is a VRF, the link's IFLA_INFO_SLAVE_KIND says so.
 */

#include "netlink/vrf.h"

#include "netlink/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define VRF_KIND "vrf"

/* A dump. */
struct vrf_walk {
        struct vrf_link *links;
        size_t n;
};

/* A link while it is being parsed. */
struct vrf_parsed {
        const char *name;
        bool is_master;
        bool is_in_one;
};

static int vrf_kind(const struct nlattr *attribute, void *data) {
        struct vrf_parsed *parsed = data;

        if (mnl_attr_get_payload_len(attribute) < sizeof(VRF_KIND) ||
            memcmp(mnl_attr_get_payload(attribute), VRF_KIND, sizeof(VRF_KIND)) != 0)
                return MNL_CB_OK;
        if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
                parsed->is_master = true;
        if (mnl_attr_get_type(attribute) == IFLA_INFO_SLAVE_KIND)
                parsed->is_in_one = true;
        return MNL_CB_OK;
}

static int vrf_attribute(const struct nlattr *attribute, void *data) {
        struct vrf_parsed *parsed = data;

        switch (mnl_attr_get_type(attribute)) {
        case IFLA_IFNAME:
                if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0)
                        return MNL_CB_ERROR;
                parsed->name = mnl_attr_get_str(attribute);
                return MNL_CB_OK;
        case IFLA_LINKINFO:
                return mnl_attr_parse_nested(attribute, vrf_kind, parsed);
        default:
                return MNL_CB_OK;
        }
}

static int vrf_take(const struct nlmsghdr *message, void *data) {
        const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
        struct vrf_parsed parsed = { .name = NULL };
        struct vrf_walk *walk = data;
        struct vrf_link *longer;

        if (mnl_nlmsg_get_payload_len(message) < sizeof(*link) ||
            mnl_attr_parse(message, sizeof(*link), vrf_attribute, &parsed) < 0)
                return -EPROTO;
        if (!(parsed.is_master || parsed.is_in_one) || !parsed.name ||
            strlen(parsed.name) >= sizeof(longer->name))
                return 0;
        longer = reallocarray(walk->links, walk->n + 1, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        walk->links = longer;
        longer += walk->n++;
        *longer = (struct vrf_link){ .index = (uint32_t)link->ifi_index,
                                     .is_master = parsed.is_master };
        (void)memcpy(longer->name, parsed.name, strlen(parsed.name) + 1);
        return 0;
}

/**
 * vrf_links() - list the VRFs of this network namespace, and the interfaces that are in one
 * @ret_links:  the interfaces; the caller frees them
 * @ret_n:      how many
 *
 * Return: 0, or a negative errno.
 */
int vrf_links(struct vrf_link **ret_links, size_t *ret_n) {
        _cleanup_(netlink_freep) struct netlink *netlink = NULL;
        struct vrf_walk walk = { .links = NULL };
        struct ifinfomsg *link;
        int r;

        r = netlink_new(NETLINK_ROUTE, &netlink);
        if (r < 0)
                return r;
        link = mnl_nlmsg_put_extra_header(netlink_question(netlink, RTM_GETLINK, NLM_F_DUMP),
                                          sizeof(*link));
        link->ifi_family = AF_UNSPEC;
        /* links that came or went meanwhile are no failure */
        r = netlink_ask(netlink, vrf_take, &walk);
        if (r < 0) {
                free(walk.links);
                return r;
        }
        *ret_links = walk.links;
        *ret_n = walk.n;
        return 0;
}
