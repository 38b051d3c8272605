/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How many rows each owner has.
 */

#ifndef USERMAP_USEROWNERS_H
#define USERMAP_USEROWNERS_H

#include "usermap/usermap.h"

int userowners_recount(struct usermap *map, const struct usermap_row *rows, size_t n);

#endif
