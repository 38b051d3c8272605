/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The maps in which the kernel counts for the users' ledger.
 *
 * Owns: opening the pins, reading the rows with the sums of all processors, removing one. It is the
 * facade of the room: programs include this header, and none of the room's others.
 * Does not: make the maps; pam_traffic_ledger does.
 */

#ifndef USERMAP_USERMAP_H
#define USERMAP_USERMAP_H

#include "base/cleanup.h"
#include "base/traffic.h"
#include "usermap/subuid.h"
#include "usermap/userlayout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct usermap;

enum {
        USERMAP_E_NOT_LOADED = 1, /* nothing counts: setup was not run, or could not */
        USERMAP_E_OTHER,          /* the maps are of another release; setup makes them anew */
};

struct usermap_row {
        struct userlayout_key key;
        struct traffic traffic;
};

/* What has to be attached for all packets to be counted. */
enum usermap_link { USERMAP_CREATE, USERMAP_IN, USERMAP_OUT, USERMAP_LINKS };

int usermap_open(struct usermap **ret_map);
struct usermap *usermap_close(struct usermap *map);
CLEANUP_DEFINE(struct usermap, usermap_close)

uint32_t usermap_id(const struct usermap *map);
int usermap_read(struct usermap *map, struct usermap_row **ret_rows, size_t *ret_n);
int usermap_take(struct usermap *map, const struct userlayout_key *key,
                 struct traffic *ret_traffic);
int usermap_since(struct usermap *map, uint64_t *ret_boottime);
int usermap_is_saved(struct usermap *map, bool *ret_saved);
int usermap_note_saved(struct usermap *map);
int usermap_lost(struct usermap *map, struct traffic *ret_traffic);
bool usermap_is_loaded(void);
int usermap_attached(enum usermap_link link, bool *ret_attached);
const char *usermap_reason(int error);

#endif
