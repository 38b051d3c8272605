/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * This host's addresses.
 *
 * Owns: whether an end of a flow is on this host. If so, it may be the end of a socket that is
 * bound to all addresses; if no end is, the flow is forwarded.
 * Relies on: getifaddrs(3), of this network namespace; 127.0.0.0/8 is local as a whole (RFC 1122
 * section 3.2.1.3).
 */

#include "audit/locals.h"

#include "base/cleanup.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

static int locals_compare(const void *a, const void *b) {
        const struct address *one = a, *other = b;

        if (one->family != other->family)
                return one->family < other->family ? -1 : 1;
        return memcmp(one->bytes, other->bytes, sizeof(one->bytes));
}

static void freeifaddrsp(struct ifaddrs **list) {
        if (*list)
                freeifaddrs(*list);
}

/* An interface's address may have a scope, which ends here. */
static void locals_take(struct locals *locals, const struct sockaddr *socket) {
        struct sockaddr_storage storage = { 0 };
        struct endpoint endpoint;

        if (!socket || (socket->sa_family != AF_INET && socket->sa_family != AF_INET6))
                return;
        memcpy(&storage, socket,
               socket->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                            : sizeof(struct sockaddr_in6));
        if (address_from_socket(&storage, &endpoint) == 0)
                locals->addresses[locals->n++] = endpoint.address;
}

/**
 * locals_read() - ask for the addresses of all interfaces
 * @ret_locals: the addresses, with those of broadcasts; to be given to locals_clear()
 *
 * Return: 0, or a negative errno.
 */
int locals_read(struct locals *ret_locals) {
        _cleanup_(freeifaddrsp) struct ifaddrs *list = NULL;
        struct locals locals = { .n = 0 };
        size_t n = 0;

        if (getifaddrs(&list) < 0)
                return -errno;
        for (const struct ifaddrs *at = list; at; at = at->ifa_next)
                n += 2;
        locals.addresses = calloc(n ? n : 1, sizeof(*locals.addresses));
        if (!locals.addresses)
                return -ENOMEM;
        for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
                locals_take(&locals, at->ifa_addr);
                if (at->ifa_flags & IFF_BROADCAST)
                        locals_take(&locals, at->ifa_broadaddr);
        }
        locals_sort(&locals);
        *ret_locals = locals;
        return 0;
}

/**
 * locals_sort() - put addresses into the order in which they are found
 * @locals:     the addresses
 */
void locals_sort(struct locals *locals) {
        qsort(locals->addresses, locals->n, sizeof(*locals->addresses), locals_compare);
}

/**
 * locals_clear() - forget them
 * @locals:     the addresses
 */
void locals_clear(struct locals *locals) {
        free(locals->addresses);
        *locals = (struct locals){ .n = 0 };
}

/**
 * locals_have() - tell whether an address is this host's
 * @locals:     this host's addresses
 * @address:    the address
 *
 * Return: true if it is.
 */
bool locals_have(const struct locals *locals, const struct address *address) {
        if (address->family == AF_INET && address->bytes[0] == 127)
                return true;
        return bsearch(address, locals->addresses, locals->n, sizeof(*locals->addresses),
                       locals_compare) != NULL;
}

/**
 * locals_hear() - tell whether what is sent to an address may be for this host
 * @locals:     this host's addresses
 * @address:    the address
 *
 * Return: true if it is the host's, a group's, or everybody's.
 */
bool locals_hear(const struct locals *locals, const struct address *address) {
        static const uint8_t all[4] = { 255, 255, 255, 255 };

        if (address->family == AF_INET &&
            ((address->bytes[0] & 0xf0) == 0xe0 || !memcmp(address->bytes, all, sizeof(all))))
                return true;
        return (address->family == AF_INET6 && address->bytes[0] == 0xff) ||
               locals_have(locals, address);
}
