/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The subordinate uids, as the kernel knows them.
 *
 * Owns: that the kernel's trie has the ranges of /etc/subuid, so that a range answers for the rows
 * of all its uids. They are set anew when the file has changed. Until that is done, a socket that
 * is made has its uid itself as its owner: its rows count as before.
 */

#include "usermap/usersubordinates.h"

#include "usermap/bpfcall.h"
#include "usermap/subuid.h"
#include "usermap/usermaps.h"

#include <arpa/inet.h>
#include <errno.h>

static int usersubordinates_clear(struct usermap *map) {
        struct userlayout_uids uids;
        int r;

        do {
                r = bpfcall_next(map->subordinates_fd, NULL, &uids);
                if (!r)
                        r = bpfcall_delete(map->subordinates_fd, &uids);
        } while (!r);
        return r == -ENOENT ? 0 : r;
}

/* A range as the prefixes that it consists of: each time the largest one that begins here. */
static int usersubordinates_add(struct usermap *map, const struct subuid_range *range) {
        const uint64_t end = (uint64_t)range->first + range->n;
        const uint32_t owner = range->first;
        int r = 0;

        for (uint64_t uid = range->first, size; !r && uid < end; uid += size) {
                struct userlayout_uids uids = { .prefix = 32, .uid = htonl((uint32_t)uid) };

                for (size = 1; uids.prefix && !(uid & size) && uid + 2 * size <= end; size *= 2)
                        uids.prefix--;
                r = bpfcall_update(map->subordinates_fd, &uids, &owner);
        }
        return r;
}

/**
 * usersubordinates_set() - tell the kernel which uids are subordinate ones
 * @map:        the maps
 *
 * Return: 0; -ENOSPC: there are too many ranges, each uid of the last ones stands for itself; or
 *         another negative errno.
 */
int usersubordinates_set(struct usermap *map) {
        _cleanup_(subuid_clear) struct subuid subuid = { .n = 0 };
        const uint32_t place = USERLAYOUT_STATE_SUBUID;
        uint64_t known;
        int r, full = 0;

        r = subuid_read(&subuid);
        if (!r)
                r = bpfcall_lookup(map->state_fd, &place, &known);
        if (r < 0 || known == subuid.hash)
                return r;
        r = usersubordinates_clear(map);
        /* the first line counts, as subuid_owner() has it */
        for (size_t i = subuid.n; !r && !full && i-- > 0;) {
                r = usersubordinates_add(map, &subuid.ranges[i]);
                if (r == -ENOSPC)
                        full = r, r = 0;
        }
        if (!r)
                r = bpfcall_update(map->state_fd, &place, &subuid.hash);
        return r < 0 ? r : full;
}
