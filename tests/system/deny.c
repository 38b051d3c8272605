/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A kernel without legacy iptables (iptables), nf_tables (nftables) or socket diagnosis
 * (sock_diag), for the one program that has this library preloaded: PAM_TRAFFIC_DENY has the words.
 *
 * Owns: what such a kernel answers. Without ip_tables, getsockopt(2) knows no option IPT_SO_GET_...
 * (ENOPROTOOPT); a message to a part of the kernel that is not there is answered by the real
 * kernel, for a number that no such part has.
 */

/* before the kernel's headers of the same names */
#include <netinet/in.h>

#include <dlfcn.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DENY_PUBLIC __attribute__((visibility("default")))

#define DENY_NO_SUBSYSTEM 0x7f
#define DENY_NO_PROTOCOL 0xff

static bool deny_is_denied(const char *what) {
        const char *words = getenv("PAM_TRAFFIC_DENY");

        return words && strstr(words, what);
}

/* ISO C has no conversion of the one kind of pointer to the other. */
static void deny_find(const char *name, void *ret_function) {
        void *function = dlsym(RTLD_NEXT, name);

        memcpy(ret_function, &function, sizeof(function));
}

DENY_PUBLIC int getsockopt(int fd, int level, int name, void *value, socklen_t *size) {
        static int (*next)(int, int, int, void *, socklen_t *);

        if (!next)
                deny_find("getsockopt", &next);
        if ((level == IPPROTO_IP || level == IPPROTO_IPV6) && name >= IPT_BASE_CTL &&
            name <= IPT_SO_GET_MAX && deny_is_denied("iptables")) {
                errno = ENOPROTOOPT;
                return -1;
        }
        return next(fd, level, name, value, size);
}

/* Make a message one to nobody, if it is to a part that is denied. */
static bool deny_redirect(char *message, size_t size) {
        struct nlmsghdr header;

        if (size < sizeof(header) + 2)
                return false;
        memcpy(&header, message, sizeof(header));
        if (header.nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES && deny_is_denied("nftables")) {
                header.nlmsg_type = DENY_NO_SUBSYSTEM << 8 | (header.nlmsg_type & 0xff);
                memcpy(message, &header, sizeof(header));
                return true;
        }
        if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY && deny_is_denied("sock_diag")) {
                message[sizeof(header) + offsetof(struct inet_diag_req_v2, sdiag_protocol)] =
                        (char)DENY_NO_PROTOCOL;
                return true;
        }
        return false;
}

/* with _GNU_SOURCE a socket address is a union of all kinds of pointers */
DENY_PUBLIC ssize_t sendto(int fd, const void *bytes, size_t size, int flags,
                           __CONST_SOCKADDR_ARG to, socklen_t to_size) {
        static ssize_t (*next)(int, const void *, size_t, int, __CONST_SOCKADDR_ARG, socklen_t);
        char *copy;
        ssize_t n;

        if (!next)
                deny_find("sendto", &next);
        if (!to.__sockaddr__ || to.__sockaddr__->sa_family != AF_NETLINK)
                return next(fd, bytes, size, flags, to, to_size);
        copy = malloc(size);
        if (!copy)
                return -1;
        memcpy(copy, bytes, size);
        n = next(fd, deny_redirect(copy, size) ? copy : bytes, size, flags, to, to_size);
        free(copy);
        return n;
}
