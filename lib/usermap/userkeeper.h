/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which configuration keeps the users' ledger.
 */

#ifndef USERMAP_USERKEEPER_H
#define USERMAP_USERKEEPER_H

#include "usermap/usermap.h"

int userkeeper_get(uint64_t *ret_keeper);
int userkeeper_set(struct usermap *map, uint64_t keeper);

#endif
