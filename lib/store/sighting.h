/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A sighting: a connection of a login that has no state, and when a reap saw it first.
 */

#ifndef STORE_SIGHTING_H
#define STORE_SIGHTING_H

#include "base/uuid.h"

#include <stddef.h>
#include <stdint.h>

struct sighting {
        int64_t first_boottime;      /* when it was seen first, CLOCK_BOOTTIME in microseconds */
        char session[UUID_TEXT_MAX]; /* the id that a reap has given it; empty: none yet */
        int64_t pid;                 /* of the monitor that holds it, or FIELD_UNKNOWN */
        int64_t pid_started;         /* clock ticks after boot, or FIELD_UNKNOWN */
        int64_t ended_boottime;      /* when its session and monitor were gone, or FIELD_UNKNOWN */
};

/* Sockets are named by their cookies, which the kernel gives once in each boot. */
int sighting_load(int folder_fd, uint64_t cookie, const char *boot_id,
                  struct sighting *ret_sighting);
int sighting_save(int folder_fd, uint64_t cookie, const char *boot_id,
                  const struct sighting *sighting);
int sighting_take(int folder_fd, uint64_t cookie);
int sighting_list(int folder_fd, uint64_t **ret_cookies, size_t *ret_n);

#endif
