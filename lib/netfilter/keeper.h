/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What keeps conntrack counting when somebody flushes the rules of a backend.
 *
 * Owns: the chain PAM_TRAFFIC_KEEP, which no packet passes, in the table security of legacy
 * iptables, where hardly anybody has rules, and so nobody flushes them. It serves each backend.
 * Does not: keep conntrack counting before that: each backend has a rule beside those that count.
 */

#ifndef NETFILTER_KEEPER_H
#define NETFILTER_KEEPER_H

#include "netfilter/backend.h"

int keeper_make(struct backend *backend, uint64_t deadline);
int keeper_remove(struct backend *backend, uint64_t deadline);

#endif
