/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The counters of all sessions and ports at one moment, while a backend puts them together.
 *
 * Owns: the order of the three steps, once for each table: all rules of the way in, then
 * snapshot_sort(), then all rules of the way out.
 */

#ifndef NETFILTER_SNAPSHOT_H
#define NETFILTER_SNAPSHOT_H

#include "netfilter/backend.h"

int snapshot_new(struct backend_snapshot **ret_snapshot);
int snapshot_add_in(struct backend_snapshot *snapshot, const struct connection *connection,
                    const struct counter *counter);
void snapshot_sort(struct backend_snapshot *snapshot);
void snapshot_add_out(struct backend_snapshot *snapshot, const struct connection *connection,
                      const struct counter *counter);
void snapshot_can_count(struct backend_snapshot *snapshot, unsigned int counters);
int snapshot_add_port(struct backend_snapshot *snapshot, uint16_t port, unsigned int which,
                      const struct counter *counter);

#endif
