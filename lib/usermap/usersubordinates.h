/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The subordinate uids, as the kernel knows them.
 */

#ifndef USERMAP_USERSUBORDINATES_H
#define USERMAP_USERSUBORDINATES_H

#include "usermap/usermap.h"

int usersubordinates_set(struct usermap *map);

#endif
