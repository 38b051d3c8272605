/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A list of networks from the command line.
 */

#ifndef NET_NETWORKS_H
#define NET_NETWORKS_H

#include "net/address.h"

#include <stddef.h>

struct networks {
        struct network *networks;
        size_t n;
};

int networks_parse(const char *text, struct networks *ret_networks);
void networks_clear(struct networks *networks);

#endif
