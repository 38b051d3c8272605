/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The maps in which the kernel counts for the users' ledger.
 *
 * Relies on: whoever may open a pin may read and write its map, without a capability. The folder is
 * root's (0700).
 */

#include "usermap/usermap.h"

#include "usermap/bpfcall.h"
#include "usermap/cpulist.h"
#include "usermap/usermaps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Rows of one call; the kernel wants room for all of a hash's bucket. */
#define USERMAP_BATCH 512
#define USERMAP_BATCH_MOST 65536

/**
 * usermap_close() - end what usermap_open() began
 * @map:        the maps, or NULL
 *
 * Return: NULL.
 */
struct usermap *usermap_close(struct usermap *map) {
        if (!map)
                return NULL;
        (void)fd_close(map->rows_fd);
        (void)fd_close(map->owners_fd);
        (void)fd_close(map->excluded_fd);
        (void)fd_close(map->subordinates_fd);
        (void)fd_close(map->state_fd);
        (void)fd_close(map->lost_fd);
        free(map);
        return NULL;
}

/* Open a map that has this form. */
static int usermap_open_one(const char *name, uint32_t type, size_t key_size, size_t value_size,
                            int *ret_fd, uint32_t *ret_id) {
        char path[sizeof(USERLAYOUT_FOLDER) + 16];
        struct bpf_map_info info;
        int r;

        (void)stpcpy(stpcpy(path, USERLAYOUT_FOLDER "/"), name);
        r = bpfcall_open(path, ret_fd);
        if (r == -ENOENT)
                return USERMAP_E_NOT_LOADED;
        if (!r)
                r = bpfcall_map(*ret_fd, &info);
        if (r < 0)
                return r;
        *ret_id = info.id;
        return info.type != type || info.key_size != key_size || info.value_size != value_size
                       ? USERMAP_E_OTHER
                       : 0;
}

static int usermap_open_all(struct usermap *map) {
        const size_t key = sizeof(uint32_t), counts = sizeof(struct userlayout_counts);
        uint32_t id;
        int r;

        r = usermap_open_one("rows", BPF_MAP_TYPE_PERCPU_HASH, sizeof(struct userlayout_key),
                             counts, &map->rows_fd, &map->id);
        if (!r)
                r = usermap_open_one("owners", BPF_MAP_TYPE_HASH, key, sizeof(uint32_t),
                                     &map->owners_fd, &id);
        if (!r)
                r = usermap_open_one("excluded", BPF_MAP_TYPE_LPM_TRIE,
                                     sizeof(struct userlayout_network), sizeof(uint32_t),
                                     &map->excluded_fd, &id);
        if (!r)
                r = usermap_open_one("subordinates", BPF_MAP_TYPE_LPM_TRIE,
                                     sizeof(struct userlayout_uids), sizeof(uint32_t),
                                     &map->subordinates_fd, &id);
        if (!r)
                r = usermap_open_one("state", BPF_MAP_TYPE_ARRAY, key, sizeof(uint64_t),
                                     &map->state_fd, &id);
        if (!r)
                r = usermap_open_one("lost", BPF_MAP_TYPE_PERCPU_ARRAY, key, counts, &map->lost_fd,
                                     &id);
        return r ? r : cpulist_possible(&map->n_cpus);
}

/**
 * usermap_open() - open the maps
 * @ret_map:    the maps
 *
 * Return: 0, USERMAP_E_..., or a negative errno.
 */
int usermap_open(struct usermap **ret_map) {
        _cleanup_(usermap_closep) struct usermap *map = NULL;
        int r;

        map = malloc(sizeof(*map));
        if (!map)
                return -ENOMEM;
        *map = (struct usermap){ .rows_fd = -1,
                                 .owners_fd = -1,
                                 .excluded_fd = -1,
                                 .subordinates_fd = -1,
                                 .state_fd = -1,
                                 .lost_fd = -1 };
        r = usermap_open_all(map);
        if (!r)
                *ret_map = pointer_steal(&map);
        return r;
}

/**
 * usermap_id() - tell which map the rows are in
 * @map:        the maps
 *
 * Return: the kernel's number for it. Counters of a map with another number are others.
 */
uint32_t usermap_id(const struct usermap *map) {
        return map->id;
}

static struct traffic usermap_sum(const struct usermap *map,
                                  const struct userlayout_counts *counts) {
        struct traffic sum = { .in = { 0 } };

        for (size_t i = 0; i < map->n_cpus; i++) {
                sum.in.bytes += counts[i].in_bytes;
                sum.in.packets += counts[i].in_packets;
                sum.out.bytes += counts[i].out_bytes;
                sum.out.packets += counts[i].out_packets;
        }
        return sum;
}

/* What a walk over the rows has got so far. */
struct usermap_walk {
        struct usermap_row *rows;
        size_t n, room;
        struct userlayout_key *keys;
        struct userlayout_counts *counts;
        uint32_t batch;
};

static void usermap_walk_end(struct usermap_walk *walk) {
        free(walk->rows);
        free(walk->keys);
        free(walk->counts);
}

static int usermap_walk_room(const struct usermap *map, struct usermap_walk *walk, uint32_t batch) {
        struct userlayout_counts *counts;
        struct userlayout_key *keys;

        keys = reallocarray(walk->keys, batch, sizeof(*keys));
        if (!keys)
                return -ENOMEM;
        walk->keys = keys;
        counts = reallocarray(walk->counts, batch * map->n_cpus, sizeof(*counts));
        if (!counts)
                return -ENOMEM;
        walk->counts = counts;
        walk->batch = batch;
        return 0;
}

static int usermap_walk_take(const struct usermap *map, struct usermap_walk *walk, uint32_t n) {
        if (walk->room - walk->n < n) {
                size_t room = 2 * walk->room + n;
                struct usermap_row *rows = reallocarray(walk->rows, room, sizeof(*rows));

                if (!rows)
                        return -ENOMEM;
                walk->rows = rows;
                walk->room = room;
        }
        for (uint32_t i = 0; i < n; i++)
                walk->rows[walk->n++] =
                        (struct usermap_row){ walk->keys[i],
                                              usermap_sum(map, walk->counts + i * map->n_cpus) };
        return 0;
}

/**
 * usermap_read() - read all rows
 * @map:        the maps
 * @ret_rows:   the rows, in no order; the caller frees them
 * @ret_n:      how many
 *
 * The kernel goes on counting meanwhile. Each number is one that was there at some moment.
 *
 * Return: 0 or a negative errno.
 */
int usermap_read(struct usermap *map, struct usermap_row **ret_rows, size_t *ret_n) {
        _cleanup_(usermap_walk_end) struct usermap_walk walk = { .rows = NULL };
        uint32_t from = 0, to = 0;
        bool begun = false;
        int r;

        r = usermap_walk_room(map, &walk, USERMAP_BATCH);
        while (!r) {
                uint32_t n = walk.batch;
                int more = bpfcall_batch(map->rows_fd, begun ? &from : NULL, &to, walk.keys,
                                         walk.counts, &n);

                if (more == -EINTR || more == -EAGAIN)
                        continue;
                if (more == -ENOSPC && walk.batch < USERMAP_BATCH_MOST) {
                        r = usermap_walk_room(map, &walk, 2 * walk.batch);
                        continue;
                }
                if (more < 0 && more != -ENOENT)
                        return more;
                r = usermap_walk_take(map, &walk, n);
                if (more == -ENOENT)
                        break;
                from = to;
                begun = true;
        }
        if (r < 0)
                return r;
        *ret_rows = pointer_steal(&walk.rows);
        *ret_n = walk.n;
        return 0;
}

/**
 * usermap_take() - remove a row, and read what it had
 * @map:        the maps
 * @key:        the row's
 * @ret_traffic: what it had
 *
 * Return: 0, or a negative errno: -ENOENT if there is none.
 */
int usermap_take(struct usermap *map, const struct userlayout_key *key,
                 struct traffic *ret_traffic) {
        _cleanup_(freep) struct userlayout_counts *counts = NULL;
        int r;

        counts = calloc(map->n_cpus, sizeof(*counts));
        if (!counts)
                return -ENOMEM;
        r = bpfcall_take(map->rows_fd, key, counts);
        if (!r)
                *ret_traffic = usermap_sum(map, counts);
        return r;
}

static int usermap_number(const struct usermap *map, uint32_t place, uint64_t *ret_number) {
        *ret_number = 0;
        return bpfcall_lookup(map->state_fd, &place, ret_number);
}

/**
 * usermap_since() - tell since when everything is counted
 * @map:        the maps
 * @ret_boottime: that moment, CLOCK_BOOTTIME in microseconds; 0: it does not say
 *
 * Return: 0 or a negative errno.
 */
int usermap_since(struct usermap *map, uint64_t *ret_boottime) {
        return usermap_number(map, USERLAYOUT_STATE_SINCE, ret_boottime);
}

/**
 * usermap_is_saved() - tell whether accounts were ever made of these rows
 * @map:        the maps
 * @ret_saved:  true: without the accounts nobody knows what of the rows is in the log
 *
 * Return: 0 or a negative errno.
 */
int usermap_is_saved(struct usermap *map, bool *ret_saved) {
        uint64_t saved;
        int r = usermap_number(map, USERLAYOUT_STATE_SAVED, &saved);

        *ret_saved = saved;
        return r;
}

/**
 * usermap_note_saved() - note that accounts were made of these rows
 * @map:        the maps
 *
 * Return: 0 or a negative errno.
 */
int usermap_note_saved(struct usermap *map) {
        const uint32_t place = USERLAYOUT_STATE_SAVED;
        const uint64_t saved = 1;

        return bpfcall_update(map->state_fd, &place, &saved);
}

/**
 * usermap_lost() - tell what found no row
 * @map:        the maps
 * @ret_traffic: since the map was made
 *
 * Return: 0 or a negative errno.
 */
int usermap_lost(struct usermap *map, struct traffic *ret_traffic) {
        _cleanup_(freep) struct userlayout_counts *counts = NULL;
        uint32_t place = 0;
        int r;

        counts = calloc(map->n_cpus, sizeof(*counts));
        if (!counts)
                return -ENOMEM;
        r = bpfcall_lookup(map->lost_fd, &place, counts);
        if (!r)
                *ret_traffic = usermap_sum(map, counts);
        return r;
}

/**
 * usermap_is_loaded() - tell whether setup has put the maps into their place
 *
 * Return: true if so; whether they count, usermap_attached() tells.
 */
bool usermap_is_loaded(void) {
        return !access(USERLAYOUT_FOLDER "/link_out", F_OK);
}

/**
 * usermap_attached() - tell whether a program is called
 * @link:       which one
 * @ret_attached: whether its link is there and has its cgroup
 *
 * Return: 0 or a negative errno: then nobody knows.
 */
int usermap_attached(enum usermap_link link, bool *ret_attached) {
        static const char *const paths[USERMAP_LINKS] = {
                [USERMAP_CREATE] = USERLAYOUT_FOLDER "/link_create",
                [USERMAP_IN] = USERLAYOUT_FOLDER "/link_in",
                [USERMAP_OUT] = USERLAYOUT_FOLDER "/link_out",
        };
        _cleanup_(fd_closep) int fd = -1;
        struct bpf_link_info info;
        int r;

        *ret_attached = false;
        r = bpfcall_open(paths[link], &fd);
        if (r == -ENOENT)
                return 0;
        if (!r)
                r = bpfcall_link(fd, &info);
        if (r < 0)
                return r;
        *ret_attached = info.type == BPF_LINK_TYPE_CGROUP && info.cgroup.cgroup_id;
        return 0;
}

/**
 * usermap_reason() - say why the maps could not be opened or read
 * @error:      USERMAP_E_... or a negative errno
 *
 * Return: the rest of a sentence; valid until the next strerror(3).
 */
const char *usermap_reason(int error) {
        switch (error) {
        case USERMAP_E_NOT_LOADED:
                return "nothing counts for users; run pam_traffic_helper setup, which says why";
        case USERMAP_E_OTHER:
                return "what counts is of another release; run pam_traffic_helper setup";
        default:
                return strerror(-error);
        }
}
