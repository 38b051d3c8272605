/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rows of one look, in one block, and two hash tables over them.
 *
 * Owns: the block and the tables. The place of a row may change while rows are added, its number
 * does not.
 * Relies on: struct address has zeros behind an IPv4 address (address_from_bytes()).
 * Does not: put two rows with the same tuple into the table: the first one is found, or the one
 * with a process (a socket in TIME_WAIT and its successor may both be in /proc/net).
 */

#include "audit/rows.h"

#include "audit/hash.h"

#include <string.h>

#define ROWS_FIRST 256

/* A row's place in the table is fetched so many rows before it is needed. */
#define ROWS_AHEAD 8

/* Rows are at most so many; the bits above are the hash's. */
#define ROWS_MAX (UINT32_MAX / 8)

static uint32_t rows_row(uint32_t slot) {
        return (slot & ROWS_MAX) - 1;
}

static uint32_t rows_pack(uint32_t number, uint64_t hash) {
        return (number + 1) | ((uint32_t)(hash >> 32) & ~ROWS_MAX);
}

/* Whether a slot is taken, and by a row that may have the hash. */
static bool rows_may_be(uint32_t slot, uint64_t hash) {
        return !(((uint32_t)(hash >> 32) ^ slot) & ~ROWS_MAX);
}

/**
 * rows_clear() - forget the rows, and keep the room
 * @rows:       the rows
 */
void rows_clear(struct rows *rows) {
        rows->n = 0;
        free(rows->by_tuple.slots);
        rows->by_tuple = (struct rows_index){ .slots = NULL };
        rows_forget_inodes(rows);
}

/**
 * rows_free() - forget everything
 * @rows:       the rows
 */
void rows_free(struct rows *rows) {
        free(rows->rows);
        free(rows->by_tuple.slots);
        free(rows->by_inode.slots);
        *rows = (struct rows){ .seed = rows->seed };
}

/* What a row is found by: without a remote end, /proc/net has 0.0.0.0 or ::, port 0. */
static void rows_key(const struct audit_row *row, struct connection *ret_key) {
        *ret_key = row->connection;
        if (row->flags & AUDIT_UNCONNECTED)
                ret_key->remote = (struct endpoint){ .port = 0 };
}

/* The slot that has the tuple, or where it belongs. */
static uint32_t *rows_slot(const struct rows *rows, uint64_t hash, uint8_t protocol,
                           const struct connection *connection) {
        const struct rows_index *index = &rows->by_tuple;
        uint32_t at = (uint32_t)hash;

        for (;; at++) {
                uint32_t *slot = &index->slots[at & (index->n_slots - 1)];
                const struct audit_row *row;
                struct connection key;

                if (!*slot)
                        return slot;
                if (!rows_may_be(*slot, hash))
                        continue;
                row = &rows->rows[rows_row(*slot)];
                if (row->protocol != protocol)
                        continue;
                rows_key(row, &key);
                if (connection_equal(&key, connection))
                        return slot;
        }
}

static uint64_t rows_hash_row(const struct rows *rows, uint32_t number) {
        const struct audit_row *row = &rows->rows[number];
        struct connection key;

        rows_key(row, &key);
        return rows_hash(rows, row->protocol, &key);
}

static void rows_enter(struct rows *rows, uint32_t number, uint64_t hash) {
        const struct audit_row *row = &rows->rows[number];
        struct connection key;
        uint32_t *slot;

        rows_key(row, &key);
        slot = rows_slot(rows, hash, row->protocol, &key);
        if (!*slot)
                rows->by_tuple.used++;
        else if (rows->rows[rows_row(*slot)].inode || !row->inode)
                return;
        *slot = rows_pack(number, hash);
}

/* So many slots that half of them stay free. */
static int rows_make_index(const struct rows *rows, struct rows_index *index) {
        uint32_t n_slots = 2 * ROWS_FIRST;

        while (n_slots / 2 < rows->n)
                n_slots *= 2;
        free(index->slots);
        *index = (struct rows_index){ .slots = calloc(n_slots, sizeof(*index->slots)) };
        if (!index->slots)
                return -ENOMEM;
        index->n_slots = n_slots;
        return 0;
}

static int rows_index_tuples(struct rows *rows) {
        uint64_t ahead[ROWS_AHEAD];
        int r;

        r = rows_make_index(rows, &rows->by_tuple);
        if (r < 0)
                return r;
        for (uint32_t i = 0; i < rows->n + ROWS_AHEAD; i++) {
                uint64_t *hash = &ahead[i % ROWS_AHEAD];

                if (i >= ROWS_AHEAD)
                        rows_enter(rows, i - ROWS_AHEAD, *hash);
                if (i < rows->n) {
                        *hash = rows_hash_row(rows, i);
                        rows_expect(rows, *hash);
                }
        }
        return 0;
}

static int rows_index_inodes(struct rows *rows) {
        struct rows_index *index = &rows->by_inode;
        int r;

        r = rows_make_index(rows, index);
        if (r < 0)
                return r;
        for (uint32_t i = 0; i < rows->n; i++) {
                uint64_t hash = hash_number(rows->seed, rows->rows[i].inode);
                uint32_t at = (uint32_t)hash;

                if (!rows->rows[i].inode)
                        continue;
                while (index->slots[at & (index->n_slots - 1)])
                        at++;
                index->slots[at & (index->n_slots - 1)] = rows_pack(i, hash);
        }
        return 0;
}

/**
 * rows_append() - add a row that is not found yet
 * @rows:       the rows, until rows_index()
 * @row:        the row
 *
 * Return: 0, -ENOMEM, or -EOVERFLOW.
 */
int rows_append(struct rows *rows, const struct audit_row *row) {
        if (rows->n == rows->room) {
                /* untouched room costs nothing, but a copy does */
                uint32_t room = rows->room ? rows->room + rows->room / 2 : ROWS_FIRST;
                struct audit_row *larger;

                if (room > ROWS_MAX)
                        return -EOVERFLOW;
                larger = reallocarray(rows->rows, room, sizeof(*larger));
                if (!larger)
                        return -ENOMEM;
                rows->rows = larger;
                rows->room = room;
        }
        rows->rows[rows->n++] = *row;
        return 0;
}

/**
 * rows_index() - make the rows there are be found, by tuple and by inode
 * @rows:       the rows
 *
 * Return: 0 or -ENOMEM.
 */
int rows_index(struct rows *rows) {
        int r;

        r = rows_index_tuples(rows);
        return r < 0 ? r : rows_index_inodes(rows);
}

/**
 * rows_add() - add a row, and make it be found by its tuple
 * @rows:       the rows, behind rows_index()
 * @row:        the row
 * @ret_row:    where it is now, until another one is added
 *
 * Return: 0, -ENOMEM, or -EOVERFLOW.
 */
int rows_add(struct rows *rows, const struct audit_row *row, struct audit_row **ret_row) {
        int r;

        r = rows_append(rows, row);
        /* at least a quarter of the slots stays free */
        if (!r && rows->by_tuple.used >= rows->by_tuple.n_slots / 4 * 3)
                r = rows_index_tuples(rows);
        else if (!r)
                rows_enter(rows, rows->n - 1, rows_hash_row(rows, rows->n - 1));
        if (!r)
                *ret_row = &rows->rows[rows->n - 1];
        return r;
}

/**
 * rows_expect() - have the processor fetch the place that a tuple has in the table
 * @rows:       the rows, behind rows_index()
 * @hash:       of rows_hash()
 */
void rows_expect(const struct rows *rows, uint64_t hash) {
        const struct rows_index *index = &rows->by_tuple;

        __builtin_prefetch(&index->slots[(uint32_t)hash & (index->n_slots - 1)]);
}

/**
 * rows_expect_row() - have it fetch the row that is likely there
 * @rows:       the rows
 * @hash:       of rows_hash(), behind rows_expect()
 */
void rows_expect_row(const struct rows *rows, uint64_t hash) {
        const struct rows_index *index = &rows->by_tuple;

        for (uint32_t at = (uint32_t)hash;; at++) {
                uint32_t slot = index->slots[at & (index->n_slots - 1)];

                if (!slot)
                        return;
                if (rows_may_be(slot, hash)) {
                        const char *row = (const char *)&rows->rows[rows_row(slot)];

                        __builtin_prefetch(row);
                        __builtin_prefetch(row + sizeof(struct audit_row) - 1);
                        return;
                }
        }
}

/**
 * rows_find_hashed() - find a connection's row
 * @rows:       the rows, behind rows_index()
 * @hash:       of rows_hash()
 * @protocol:   IPPROTO_...
 * @connection: both ends, seen from here
 *
 * Return: the row, or NULL.
 */
struct audit_row *rows_find_hashed(const struct rows *rows, uint64_t hash, uint8_t protocol,
                                   const struct connection *connection) {
        uint32_t slot = *rows_slot(rows, hash, protocol, connection);

        return slot ? &rows->rows[rows_row(slot)] : NULL;
}

/**
 * rows_find() - find a connection's row
 * @rows:       the rows, behind rows_index()
 * @protocol:   IPPROTO_...
 * @connection: both ends, seen from here
 *
 * Return: the row, or NULL.
 */
struct audit_row *rows_find(const struct rows *rows, uint8_t protocol,
                            const struct connection *connection) {
        return rows_find_hashed(rows, rows_hash(rows, protocol, connection), protocol, connection);
}

/**
 * rows_find_local() - find who gets what comes to a local end and is no connection's
 * @rows:       the rows
 * @protocol:   IPPROTO_...
 * @local:      the end
 *
 * As udp4_lib_lookup2() and its like choose: bound to the address, to all of its family, and for
 * IPv4 to :: (which a socket with IPV6_V6ONLY does not get; /proc/net does not show which has it).
 *
 * Return: the row, or NULL.
 */
struct audit_row *rows_find_local(const struct rows *rows, uint8_t protocol,
                                  const struct endpoint *local) {
        struct connection connection = { .local = *local };
        struct audit_row *row = rows_find(rows, protocol, &connection);

        if (!row) {
                connection.local.address = (struct address){ .family = local->address.family };
                row = rows_find(rows, protocol, &connection);
        }
        if (!row && local->address.family == AF_INET) {
                connection.local.address.family = AF_INET6;
                row = rows_find(rows, protocol, &connection);
        }
        return row;
}

/**
 * rows_forget_inodes() - they are not found by inode any more, for the memory
 * @rows:       the rows
 */
void rows_forget_inodes(struct rows *rows) {
        free(rows->by_inode.slots);
        rows->by_inode = (struct rows_index){ .slots = NULL };
}

/**
 * rows_find_inode() - find a socket's row
 * @rows:       the rows, behind rows_index()
 * @inode:      its inode, not 0
 *
 * Return: the row, or NULL.
 */
struct audit_row *rows_find_inode(const struct rows *rows, uint64_t inode) {
        const struct rows_index *index = &rows->by_inode;
        uint64_t hash = hash_number(rows->seed, inode);
        uint32_t at = (uint32_t)hash;

        if (!index->n_slots)
                return NULL;
        for (;; at++) {
                uint32_t slot = index->slots[at & (index->n_slots - 1)];

                if (!slot)
                        return NULL;
                if (rows_may_be(slot, hash) && rows->rows[rows_row(slot)].inode == inode)
                        return &rows->rows[rows_row(slot)];
        }
}
