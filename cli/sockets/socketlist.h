/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rows that the admin asked for, or their sums, in order.
 */

#ifndef CLI_SOCKETLIST_H
#define CLI_SOCKETLIST_H

#include "base/base.h"
#include "socketrow.h"

struct socketlist_wish {
        bool sums;
        enum socketrow_column by;
        bool sorted;
        enum socketrow_column sort; /* else by all bytes */
        uint64_t limit;             /* 0: none */
        bool has_uid, has_port;
        uint32_t uid;
        uint16_t port;
        uint8_t protocol; /* 0: all */
        bool listen;
};

struct socketlist {
        struct socketrow *rows;
        struct audit_row *sums; /* which rows points to, if there are any */
        size_t n;
};

int socketlist_make(const struct socketrow_world *world, const struct socketlist_wish *wish,
                    struct socketlist *ret_list);
void socketlist_clear(struct socketlist *list);

#endif
