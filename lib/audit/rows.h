/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rows of one look, found by tuple and by inode.
 */

#ifndef AUDIT_ROWS_H
#define AUDIT_ROWS_H

#include "audit/audit.h"
#include "base/map.h"

struct rows {
        uint64_t seed;
        struct audit_row *rows;
        uint32_t n, room;
        struct map by_tuple;
        struct map by_inode;
};

void rows_clear(struct rows *rows);
void rows_free(struct rows *rows);
int rows_append(struct rows *rows, const struct audit_row *row);
int rows_index(struct rows *rows);
int rows_add(struct rows *rows, const struct audit_row *row, struct audit_row **ret_row);

/* What a tuple is found by. */
static inline uint64_t rows_hash(const struct rows *rows, uint8_t protocol,
                                 const struct connection *connection) {
        return map_hash(rows->seed + protocol, connection, sizeof(*connection));
}

void rows_expect_row(const struct rows *rows, uint64_t hash);
struct audit_row *rows_find_hashed(const struct rows *rows, uint64_t hash, uint8_t protocol,
                                   const struct connection *connection);
struct audit_row *rows_find(const struct rows *rows, uint8_t protocol,
                            const struct connection *connection);
struct audit_row *rows_find_local(const struct rows *rows, uint8_t protocol,
                                  const struct endpoint *local);
struct audit_row *rows_find_inode(const struct rows *rows, uint64_t inode);

#endif
