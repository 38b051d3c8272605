/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rows of one look, found by tuple and by inode.
 */

#ifndef AUDIT_ROWS_H
#define AUDIT_ROWS_H

#include "audit/audit.h"
#include "audit/hash.h"

/*
 * A hash table of rows by open addressing: the row's number + 1, and above it what fits of the
 * hash: most rows that are not meant need not be looked at, far away in memory. 0 is free.
 */
struct rows_index {
        uint32_t *slots;
        uint32_t n_slots; /* a power of 2 */
        uint32_t used;
};

struct rows {
        uint64_t seed;
        struct audit_row *rows;
        uint32_t n, room;
        struct rows_index by_tuple;
        struct rows_index by_inode;
};

void rows_clear(struct rows *rows);
void rows_free(struct rows *rows);
int rows_append(struct rows *rows, const struct audit_row *row);
int rows_index(struct rows *rows);
int rows_add(struct rows *rows, const struct audit_row *row, struct audit_row **ret_row);

/* What a tuple is found by. */
static inline uint64_t rows_hash(const struct rows *rows, uint8_t protocol,
                                 const struct connection *connection) {
        return hash_connection(rows->seed, protocol, connection);
}

void rows_expect(const struct rows *rows, uint64_t hash);
void rows_expect_row(const struct rows *rows, uint64_t hash);
struct audit_row *rows_find_hashed(const struct rows *rows, uint64_t hash, uint8_t protocol,
                                   const struct connection *connection);
struct audit_row *rows_find(const struct rows *rows, uint8_t protocol,
                            const struct connection *connection);
struct audit_row *rows_find_local(const struct rows *rows, uint8_t protocol,
                                  const struct endpoint *local);
struct audit_row *rows_find_inode(const struct rows *rows, uint64_t inode);
void rows_forget_inodes(struct rows *rows);

#endif
