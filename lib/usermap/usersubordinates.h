/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The subordinate uids, as the kernel knows them.
 */

#ifndef USERMAP_USERSUBORDINATES_H
#define USERMAP_USERSUBORDINATES_H

#include "usermap/usermap.h"

int usersubordinates_set(struct usermap *map, const struct subuid *subuid);
int usersubordinates_leave_out(struct usermap *map, uint32_t uid);

#endif
