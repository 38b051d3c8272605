/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rule that keeps conntrack counting if somebody flushes the rules of a backend.
 *
 * Owns: the chain PAM_TRAFFIC_KEEP, which no packet passes. It is in the table security of legacy
 * iptables: hardly anybody has rules in that table, so nobody flushes it. All backends use it.
 * Does not: keep conntrack counting before such a flush. For that, each backend has another rule
 * beside those that count.
 */

#ifndef NETFILTER_KEEPER_H
#define NETFILTER_KEEPER_H

#include "netfilter/backend.h"

int keeper_make(struct backend *backend, uint64_t deadline);
int keeper_remove(struct backend *backend, uint64_t deadline);

#endif
