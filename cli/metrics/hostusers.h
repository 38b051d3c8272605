/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The counter of what each user moved by any program.
 */

#ifndef CLI_HOSTUSERS_H
#define CLI_HOSTUSERS_H

#include "index/index.h"

/* Told a time series: a user and what he has ever moved, or INDEX_UNKNOWN. */
typedef void (*hostusers_take)(void *context, const char *user, uint64_t in, uint64_t out);

int hostusers_ask(struct index *users, hostusers_take take, void *context);

#endif
