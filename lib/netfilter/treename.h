/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The names of the chains, and which packets pass each of them.
 *
 * Owns: the form of the tree: which ports lead through which chain, on which level.
 * Does not: know a table; all of it is arithmetic.
 */

#ifndef NETFILTER_TREENAME_H
#define NETFILTER_TREENAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* XT_EXTENSION_MAXNAMELEN: PAM_TRAFFIC_OUT_65535_c3c has room in it. */
#define TREENAME_MAX 29

enum {
        TREENAME_BASE, /* PAM_TRAFFIC_IN: everything */
        TREENAME_PORT, /* PAM_TRAFFIC_IN_22: one local port */
        TREENAME_LAST = TREENAME_PORT + 3,
};

struct treename {
        bool out;
        uint8_t level;
        uint16_t local_port;  /* 0: all, the base */
        uint16_t first, last; /* remote ports */
        char text[TREENAME_MAX];
};

void treename_make(bool out, uint16_t local_port, uint16_t remote_port, unsigned int level,
                   struct treename *ret_name);
bool treename_parse(const char *text, struct treename *ret_name);
bool treename_covers(const struct treename *name, uint16_t local_port, uint16_t remote_port);
bool treename_is_below(const struct treename *name, const struct treename *parent);
int treename_compare(const struct treename *a, const struct treename *b);

#endif
