/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The choice of the client's connection among those that a process has open.
 */

#ifndef NET_CHOICE_H
#define NET_CHOICE_H

#include "net/connection.h"

#include <stdbool.h>

struct choice_pick {
        struct connection_found found;
        bool is_any;
        bool is_several;
};

struct choice {
        const struct connection_hint *hint;
        struct choice_pick fit;
        struct choice_pick reset;
};

void choice_init(struct choice *choice, const struct connection_hint *hint);
void choice_offer(struct choice *choice, const struct connection_found *candidate);
void choice_offer_reset(struct choice *choice, const struct connection_found *candidate);
int choice_result(const struct choice *choice, struct connection_found *ret_found);

#endif
