/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The excluded networks, as the kernel knows them.
 */

#ifndef USERMAP_USEREXCLUDE_H
#define USERMAP_USEREXCLUDE_H

#include "net/address.h"
#include "usermap/usermap.h"

int userexclude_set(struct usermap *map, const struct network *networks, size_t n);

#endif
