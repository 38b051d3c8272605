/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rows of one look, in one block, and two maps of them.
 *
 * Owns: the block and the maps. The place of a row may change while rows are added, its number does
 * not.
 * Relies on: struct address has zeros behind an IPv4 address (address_from_bytes()).
 * Does not: put two rows with the same tuple into the map: the first one is found, or the one with
 * a process (a socket in TIME_WAIT and its successor may both be in /proc/net).
 */

#include "audit/rows.h"

#include "netfilter/flow.h"

#include <errno.h>
#include <stdlib.h>

#define ROWS_FIRST 256

/* A row's place in the map is fetched so many rows before it is needed. */
#define ROWS_AHEAD 8

/* Rows are at most so many. */
#define ROWS_MAX (UINT32_MAX / 8)

/**
 * rows_clear() - forget the rows, and keep the room
 * @rows:       the rows
 */
void rows_clear(struct rows *rows) {
        rows->n = 0;
        map_clear(&rows->by_tuple);
        map_clear(&rows->by_inode);
}

/**
 * rows_free() - forget everything
 * @rows:       the rows
 */
void rows_free(struct rows *rows) {
        free(rows->rows);
        map_clear(&rows->by_tuple);
        map_clear(&rows->by_inode);
        *rows = (struct rows){ .seed = rows->seed };
}

/* A row begins with its key. The key is compared as a whole, so it has no padding. */
#define ROWS_KEY_SIZE (sizeof(struct connection) + 1)

_Static_assert(offsetof(struct flow_key, protocol) == sizeof(struct connection), "bytes between");
_Static_assert(offsetof(struct audit_row, protocol) == sizeof(struct connection), "bytes between");
_Static_assert(!offsetof(struct audit_row, connection), "a row begins with its key");

/* The place of a tuple's row in the map. */
static uint32_t *rows_number(const struct rows *rows, uint64_t hash, uint8_t protocol,
                             const struct connection *connection) {
        const struct map_keys keys = { rows->rows, sizeof(*rows->rows), 0, ROWS_KEY_SIZE };
        const struct flow_key key = { *connection, protocol };

        return map_find(&rows->by_tuple, hash, &keys, &key);
}

static int rows_enter(struct rows *rows, uint32_t number, uint64_t hash) {
        const struct audit_row *row = &rows->rows[number];
        uint32_t *other = rows_number(rows, hash, row->protocol, &row->connection);

        if (!other)
                return map_add(&rows->by_tuple, hash, number);
        if (!rows->rows[*other].inode && row->inode)
                *other = number;
        return 0;
}

static uint64_t rows_hash_row(const struct rows *rows, uint32_t number) {
        return rows_hash(rows, rows->rows[number].protocol, &rows->rows[number].connection);
}

static uint64_t rows_hash_inode(const struct rows *rows, uint64_t inode) {
        return map_hash(rows->seed, &inode, sizeof(inode));
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
        uint64_t ahead[ROWS_AHEAD];
        int r;

        map_clear(&rows->by_tuple);
        map_clear(&rows->by_inode);
        r = map_reserve(&rows->by_tuple, rows->n);
        for (uint32_t i = 0; !r && i < rows->n + ROWS_AHEAD; i++) {
                uint64_t *hash = &ahead[i % ROWS_AHEAD];

                if (i >= ROWS_AHEAD)
                        r = rows_enter(rows, i - ROWS_AHEAD, *hash);
                if (i < rows->n) {
                        *hash = rows_hash_row(rows, i);
                        map_prefetch(&rows->by_tuple, *hash);
                }
        }
        if (!r)
                r = map_reserve(&rows->by_inode, rows->n);
        for (uint32_t i = 0; !r && i < rows->n; i++)
                if (rows->rows[i].inode)
                        r = map_add(&rows->by_inode, rows_hash_inode(rows, rows->rows[i].inode), i);
        return r;
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
        if (!r)
                r = rows_enter(rows, rows->n - 1, rows_hash_row(rows, rows->n - 1));
        if (!r)
                *ret_row = &rows->rows[rows->n - 1];
        return r;
}

/**
 * rows_expect_row() - have it fetch the row that is likely there
 * @rows:       the rows
 * @hash:       of rows_hash(), behind map_prefetch()
 */
void rows_expect_row(const struct rows *rows, uint64_t hash) {
        const uint32_t *number = map_guess(&rows->by_tuple, hash);

        if (!number)
                return;
        __builtin_prefetch(&rows->rows[*number]);
        __builtin_prefetch((const char *)&rows->rows[*number + 1] - 1);
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
        const uint32_t *number = rows_number(rows, hash, protocol, connection);

        return number ? &rows->rows[*number] : NULL;
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
        const struct address all = { .family = local->address.family }, all6 = { AF_INET6, { 0 } };
        struct connection connection = { .local = *local, .remote = { .address = all } };
        struct audit_row *row = rows_find(rows, protocol, &connection);

        if (!row) {
                connection.local.address = all;
                row = rows_find(rows, protocol, &connection);
        }
        if (!row && local->address.family == AF_INET) {
                connection.local.address = connection.remote.address = all6;
                row = rows_find(rows, protocol, &connection);
        }
        return row;
}

/**
 * rows_find_inode() - find a socket's row
 * @rows:       the rows, behind rows_index()
 * @inode:      its inode, not 0
 *
 * Return: the row, or NULL.
 */
struct audit_row *rows_find_inode(const struct rows *rows, uint64_t inode) {
        const struct map_keys keys = MAP_KEYS(rows->rows, inode);
        const uint32_t *number =
                map_find(&rows->by_inode, rows_hash_inode(rows, inode), &keys, &inode);

        return number ? &rows->rows[*number] : NULL;
}
