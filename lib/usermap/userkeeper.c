/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which configuration keeps the users' ledger: a number in the maps, so that it goes with them.
 */

#include "usermap/userkeeper.h"

#include "usermap/bpfcall.h"
#include "usermap/usermaps.h"

#include <errno.h>

/**
 * userkeeper_get() - tell which configuration keeps the ledger
 * @ret_keeper: what userkeeper_set() noted; 0: nobody has, or nothing is pinned
 *
 * The maps may be of another release.
 *
 * Return: 0 or a negative errno.
 */
int userkeeper_get(uint64_t *ret_keeper) {
        const uint32_t place = USERLAYOUT_STATE_KEEPER;
        _cleanup_(fd_closep) int fd = -1;
        int r = bpfcall_open(USERLAYOUT_FOLDER "/state", &fd);

        *ret_keeper = 0;
        if (!r)
                r = bpfcall_lookup(fd, &place, ret_keeper);
        return r == -ENOENT ? 0 : r;
}

/**
 * userkeeper_set() - note which configuration keeps the ledger
 * @map:        the maps
 * @keeper:     a number for it, not 0
 *
 * Return: 0, or a negative errno: -E2BIG if the maps are of a release that has no room for it.
 */
int userkeeper_set(struct usermap *map, uint64_t keeper) {
        const uint32_t place = USERLAYOUT_STATE_KEEPER;

        return bpfcall_update(map->state_fd, &place, &keeper);
}
