/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rows of /proc/net/tcp, tcp6, udp and udp6: one parser for all of them, over bytes.
 *
 *      struct socktable table;
 *      struct socktable_row row;
 *
 *      r = socktable_init(&table, data, size, BYTE_ORDER);
 *      while (!r && (r = socktable_next(&table, &row)) != SOCKTABLE_E_END) {
 *              if (r == SOCKTABLE_E_ROW)
 *                      table.line is not a row; the next one may be
 *              ...
 *              r = 0;
 *      }
 */

#ifndef NET_SOCKTABLE_H
#define NET_SOCKTABLE_H

#include "net/address.h"

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The families of a row's two ends differ where an unbound end (::) meets a v4-mapped one. */
struct socktable_row {
        struct endpoint local;
        struct endpoint remote;
        uint8_t state; /* TCP_ESTABLISHED ... of netinet/tcp.h, for UDP too */
        uid_t uid;
        uint64_t inode; /* 0: the socket has no file (TIME_WAIT, not yet accepted, closed) */
};

/* line is the number of the line read last, from 1 on. The rest is the parser's own. */
struct socktable {
        const char *next;
        const char *end;
        uint64_t line;
        int byte_order;
        sa_family_t family;
};

enum {
        SOCKTABLE_E_END = 1, /* there are no more lines */
        SOCKTABLE_E_ROW,     /* this line is not a row; it is skipped */
        SOCKTABLE_E_HEADER,  /* this is not such a table at all */
};

int socktable_init(struct socktable *table, const char *data, size_t size, int byte_order);
int socktable_next(struct socktable *table, struct socktable_row *ret_row);
void socktable_feed(struct socktable *table, const char *data, size_t size);

#endif
