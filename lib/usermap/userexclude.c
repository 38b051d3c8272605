/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The excluded networks, as the kernel knows them.
 *
 * Owns: that the kernel's trie has the networks of the configuration, and no others. Each packet is
 * counted by the networks of its moment: a row without and one with excluded networks are two rows,
 * so a change loses no count.
 */

#include "usermap/userexclude.h"

#include "usermap/bpfcall.h"
#include "usermap/usermaps.h"

#include <errno.h>
#include <string.h>

static struct userlayout_network userexclude_key(const struct network *network) {
        struct userlayout_network key = { .family = network->address.family == AF_INET ? 4 : 6 };

        key.prefix = USERLAYOUT_NETWORK_BITS + network->prefix;
        memcpy(key.address, network->address.bytes, key.family == 4 ? 4 : sizeof(key.address));
        return key;
}

static bool userexclude_has(const struct network *networks, size_t n,
                            const struct userlayout_network *key) {
        for (size_t i = 0; i < n; i++) {
                struct userlayout_network other = userexclude_key(&networks[i]);

                if (!memcmp(&other, key, sizeof(other)))
                        return true;
        }
        return false;
}

/* Take out those that are not wanted any more. */
static int userexclude_clean(struct usermap *map, const struct network *networks, size_t n) {
        struct userlayout_network key, next;
        int r = bpfcall_next(map->excluded_fd, NULL, &next);

        while (!r) {
                key = next;
                r = bpfcall_next(map->excluded_fd, &key, &next);
                if (!userexclude_has(networks, n, &key) &&
                    bpfcall_delete(map->excluded_fd, &key) == -EPERM)
                        return -EPERM;
        }
        return r == -ENOENT ? 0 : r;
}

/**
 * userexclude_set() - tell the kernel which networks are excluded
 * @map:        the maps
 * @networks:   these, and no others
 * @n:          how many
 *
 * Return: 0 or a negative errno.
 */
int userexclude_set(struct usermap *map, const struct network *networks, size_t n) {
        const uint32_t place = USERLAYOUT_STATE_NETWORKS, value = 1;
        const uint64_t number = n;
        int r = 0;

        for (size_t i = 0; !r && i < n; i++) {
                struct userlayout_network key = userexclude_key(&networks[i]);

                r = bpfcall_update(map->excluded_fd, &key, &value);
        }
        if (!r)
                r = bpfcall_update(map->state_fd, &place, &number);
        return r < 0 ? r : userexclude_clean(map, networks, n);
}
