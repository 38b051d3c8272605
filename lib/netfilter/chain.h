/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The base chains of this project, in an opened table.
 *
 * Owns: PAM_TRAFFIC_IN and PAM_TRAFFIC_OUT, the jumps to them, and what both directions share.
 * tree.c has the counting rules of one connection, forest.c those of all.
 * Does not: lock or commit; change a rule that is not one of ours, inside our chains or outside.
 */

#ifndef NETFILTER_CHAIN_H
#define NETFILTER_CHAIN_H

#include "base/traffic.h"
#include "net/address.h"
#include "netfilter/changes.h"
#include "netfilter/iptable.h"

enum {
        CHAIN_E_NOT_FOUND = 1, /* a rule of the connection is missing */
};

/* What there is of the base. */
struct chain_look {
        bool there;          /* a chain of its names */
        bool complete;       /* nothing is missing */
        struct traffic seen; /* what went to the chains */
};

void chain_look(struct iptable *table, struct chain_look *ret_look);
int chain_setup(struct iptable *table, bool *ret_made);
int chain_teardown(struct iptable *table);
int chain_count_port(struct iptable *table, uint16_t port, struct backend_made *ret_made);
int chain_add(struct iptable *table, const struct connection *connection,
              struct backend_made *ret_made);
bool chain_has(struct iptable *table, const struct connection *connection);
int chain_read(struct iptable *table, const struct connection *connection,
               struct traffic *ret_traffic);
int chain_remove(struct iptable *table, const struct connection *connection,
                 struct traffic *ret_traffic);

#endif
