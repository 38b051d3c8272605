/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A thread that fills buffers ahead of the one that empties them: while the kernel writes the next
 * part of a table, this one is read.
 *
 *      r = pump_new(fill, context, size, n, &pump);
 *      ...
 *      r = pump_drain(pump, take, context);
 *      pump = pump_free(pump);
 */

#ifndef PAM_TRAFFIC_PUMP_H
#define PAM_TRAFFIC_PUMP_H

#include "pam_traffic/cleanup.h"

#include <stddef.h>
#include <sys/types.h>

/* Called in the thread: how many bytes were put into the part, 0 at the end, or a negative errno.
 */
typedef ssize_t (*pump_fill)(void *context, void *part, size_t size);

/* Told each part, in order; what is not 0 ends it and is returned. */
typedef int (*pump_take)(void *context, const void *part, size_t size);

struct pump;

int pump_new(pump_fill fill, void *context, size_t size, unsigned int n, struct pump **ret_pump);
struct pump *pump_free(struct pump *pump);
CLEANUP_DEFINE(struct pump, pump_free)

int pump_drain(struct pump *pump, pump_take take, void *context);

#endif
