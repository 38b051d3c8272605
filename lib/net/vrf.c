/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The interfaces of VRFs in this network namespace.
 *
 * Relies on: linux/if_link.h. The kind of a link is IFLA_LINKINFO, IFLA_INFO_KIND; of one that a
 * VRF is the master of, IFLA_INFO_SLAVE_KIND says the same.
 */

#include "pam_traffic/vrf.h"

#include "pam_traffic/cleanup.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define VRF_BUFFER 32768 /* the most that the kernel tells at once */
#define VRF_TIMEOUT_SECONDS 2
#define VRF_KIND "vrf"

static inline void vrf_closep(struct mnl_socket **socket) {
        if (*socket)
                (void)mnl_socket_close(*socket);
}

/* A dump. */
struct vrf_walk {
        struct vrf_link *links;
        size_t n;
        int error;
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
                return MNL_CB_ERROR;
        if (!(parsed.is_master || parsed.is_in_one) || !parsed.name ||
            strlen(parsed.name) >= sizeof(longer->name))
                return MNL_CB_OK;
        longer = reallocarray(walk->links, walk->n + 1, sizeof(*longer));
        if (!longer) {
                walk->error = -ENOMEM;
                return MNL_CB_ERROR;
        }
        walk->links = longer;
        longer += walk->n++;
        *longer = (struct vrf_link){ .index = (uint32_t)link->ifi_index,
                                     .is_master = parsed.is_master };
        (void)memcpy(longer->name, parsed.name, strlen(parsed.name) + 1);
        return MNL_CB_OK;
}

/* Return: 0, or a negative errno. */
static int vrf_dump(struct mnl_socket *socket, struct vrf_walk *walk) {
        uint64_t buffer[VRF_BUFFER / sizeof(uint64_t)];
        struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
        struct ifinfomsg *link;
        int r = MNL_CB_OK;

        message->nlmsg_type = RTM_GETLINK;
        message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        message->nlmsg_seq = 1;
        link = mnl_nlmsg_put_extra_header(message, sizeof(*link));
        link->ifi_family = AF_UNSPEC;
        if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0)
                return -errno;
        while (r > MNL_CB_STOP) {
                ssize_t n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                errno = 0;
                r = mnl_cb_run(buffer, (size_t)n, 1, mnl_socket_get_portid(socket), vrf_take, walk);
        }
        if (walk->error)
                return walk->error;
        /* links came or went meanwhile */
        if (r == MNL_CB_STOP || errno == EINTR)
                return 0;
        return errno ? -errno : -EPROTO;
}

/**
 * vrf_links() - list the VRFs of this network namespace, and the interfaces that are in one
 * @ret_links:  the interfaces; the caller frees them
 * @ret_n:      how many
 *
 * Return: 0, or a negative errno.
 */
int vrf_links(struct vrf_link **ret_links, size_t *ret_n) {
        const struct timeval patience = { .tv_sec = VRF_TIMEOUT_SECONDS };
        _cleanup_(vrf_closep) struct mnl_socket *socket = NULL;
        struct vrf_walk walk = { .links = NULL };
        int r;

        socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
        if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
            setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience,
                       sizeof(patience)) < 0)
                return -errno;
        r = vrf_dump(socket, &walk);
        if (r < 0) {
                free(walk.links);
                return r;
        }
        *ret_links = walk.links;
        *ret_n = walk.n;
        return 0;
}
