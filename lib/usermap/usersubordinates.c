/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The subordinate uids, as the kernel knows them.
 *
 * Owns: that the kernel's trie has the ranges of /etc/subuid, so that a range answers for the rows
 * of all its uids, but not for a user's own. They are set anew when the file has changed. Until
 * that is done, a socket that is made has its uid itself as its owner: its rows count as before.
 * Lines that overlap are cut where one of them begins or ends: what each part's uids move is of
 * whoever has that part, and of nobody else.
 */

#include "usermap/usersubordinates.h"

#include "base/cleanup.h"
#include "usermap/bpfcall.h"
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

/* The uids from first to end - 1. */
struct usersubordinates_part {
        uint64_t first;
        uint64_t end;
};

static int usersubordinates_put(struct usermap *map, uint64_t uid, uint32_t prefix,
                                uint32_t owner) {
        const struct userlayout_uids uids = { .prefix = prefix, .uid = htonl((uint32_t)uid) };

        return bpfcall_update(map->subordinates_fd, &uids, &owner);
}

/* A part as the prefixes that it consists of: each time the largest one that begins here. */
static int usersubordinates_add(struct usermap *map, const struct usersubordinates_part *part,
                                uint32_t owner) {
        int r = 0;

        for (uint64_t uid = part->first, size; !r && uid < part->end; uid += size) {
                uint32_t prefix = 32;

                for (size = 1; prefix && !(uid & size) && uid + 2 * size <= part->end; size *= 2)
                        prefix--;
                r = usersubordinates_put(map, uid, prefix, owner);
        }
        return r;
}

/* A part, without the users that are in it. It is called by its first uid that is no user's. */
static int usersubordinates_add_part(struct usermap *map, const struct localusers *users,
                                     const struct usersubordinates_part *part) {
        const size_t from = localusers_from(users, (uint32_t)part->first);
        uint64_t owner = part->first;
        int r;

        for (size_t i = from; i < users->n && users->users[i].uid <= owner; i++)
                owner = (uint64_t)users->users[i].uid + 1;
        if (owner >= part->end)
                return 0;
        r = usersubordinates_add(map, part, (uint32_t)owner);
        for (size_t i = from; !r && i < users->n && users->users[i].uid < part->end; i++)
                r = usersubordinates_put(map, users->users[i].uid, 32, users->users[i].uid);
        return r;
}

static int usersubordinates_compare(const void *a, const void *b) {
        const uint64_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* Where the ranges begin, and where they end, each in order. Return: how many there are. */
static size_t usersubordinates_edges(const struct subuid *subuid, uint64_t *begins,
                                     uint64_t *ends) {
        size_t n = 0;

        for (size_t i = 0; i < subuid->n; i++) {
                const uint64_t first = subuid->ranges[i].first, end = first + subuid->ranges[i].n;

                if (end <= SUBUID_LOWEST)
                        continue;
                begins[n] = first < SUBUID_LOWEST ? SUBUID_LOWEST : first;
                ends[n++] = end;
        }
        qsort(begins, n, sizeof(*begins), usersubordinates_compare);
        qsort(ends, n, sizeof(*ends), usersubordinates_compare);
        return n;
}

/* All ranges. Return: 0; -ENOSPC: not all; or another negative errno. */
static int usersubordinates_fill(struct usermap *map, const struct subuid *subuid) {
        _cleanup_(freep) uint64_t *begins = calloc(2 * subuid->n + 1, sizeof(*begins));
        struct usersubordinates_part part = { .first = 0 };
        size_t n, begun = 0, ended = 0;
        uint64_t *ends;
        int r = 0;

        if (!begins)
                return -ENOMEM;
        ends = begins + subuid->n;
        n = usersubordinates_edges(subuid, begins, ends);
        while (!r && ended < n) {
                bool begin = begun < n && begins[begun] <= ends[ended];

                part.end = begin ? begins[begun] : ends[ended];
                if (begun > ended && part.end > part.first)
                        r = usersubordinates_add_part(map, &subuid->users, &part);
                part.first = part.end;
                *(begin ? &begun : &ended) += 1;
        }
        return r;
}

/**
 * usersubordinates_set() - tell the kernel which uids are subordinate ones
 * @map:        the maps
 * @subuid:     the ranges
 *
 * Return: 0; -ENOSPC: there are too many ranges, each uid of the last ones stands for itself; or
 *         another negative errno.
 */
int usersubordinates_set(struct usermap *map, const struct subuid *subuid) {
        const uint32_t place = USERLAYOUT_STATE_SUBUID;
        uint64_t known;
        int r, full = 0;

        r = bpfcall_lookup(map->state_fd, &place, &known);
        if (r < 0 || known == subuid->hash)
                return r;
        r = usersubordinates_clear(map);
        if (!r)
                r = usersubordinates_fill(map, subuid);
        if (r == -ENOSPC)
                full = r, r = 0;
        if (!r)
                r = bpfcall_update(map->state_fd, &place, &subuid->hash);
        return r < 0 ? r : full;
}

/**
 * usersubordinates_leave_out() - tell the kernel that a uid is a user's, and no subordinate one
 * @map:        the maps, after usersubordinates_set(), which forgets it when the file has changed
 * @uid:        the uid: somebody has logged in with it
 *
 * Return: 0 or a negative errno.
 */
int usersubordinates_leave_out(struct usermap *map, uint32_t uid) {
        const struct userlayout_uids uids = { .prefix = 32, .uid = htonl(uid) };
        uint32_t owner;
        int r = bpfcall_lookup(map->subordinates_fd, &uids, &owner);

        if (r < 0 || owner == uid)
                return r == -ENOENT ? 0 : r;
        return usersubordinates_put(map, uid, 32, uid);
}
