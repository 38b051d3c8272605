/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rows that the admin asked for.
 *
 * Owns: which rows these are, their sums (--by), their order and their number.
 */

#include "socketlist.h"

#include <stdlib.h>
#include <string.h>

struct socketlist_order {
        const struct socketrow_world *world;
        const struct socketlist_wish *wish;
};

/* The socket of an SSH login's own connection is sshd's, and belongs to him who logged in, too. */
static bool socketlist_is_of(const struct socketrow_world *world, const struct audit_row *row,
                             uint32_t uid) {
        const char *login, *user;

        if (row->owner.uid == uid || !(row->flags & AUDIT_LOGIN))
                return row->owner.uid == uid;
        login = audit_name(world->audit, row->owner.login_user);
        user = login ? users_name(world->users, uid) : NULL;
        return user && !strcmp(login, user);
}

static bool socketlist_wants(const struct socketrow_world *world,
                             const struct socketlist_wish *wish, const struct audit_row *row) {
        if (wish->has_uid && !socketlist_is_of(world, row, wish->uid))
                return false;
        if (wish->has_port && row->connection.local.port != wish->port &&
            (row->flags & AUDIT_UNCONNECTED || row->connection.remote.port != wish->port))
                return false;
        if (wish->protocol && row->protocol != wish->protocol)
                return false;
        return flows_shown(world->audit, row, wish->listen);
}

static uint64_t socketlist_bytes(const struct audit_row *row) {
        return row->traffic.in.bytes + row->traffic.out.bytes;
}

/* Rows without counters come last; else the more, the earlier. Equal ones stay as they came. */
static int socketlist_compare(const void *a, const void *b, void *context) {
        const struct socketlist_order *order = context;
        const struct socketrow *one = a, *other = b;
        uint64_t bytes = socketlist_bytes(one->row), other_bytes = socketlist_bytes(other->row);
        int counted = (other->row->flags & AUDIT_COUNTED) - (one->row->flags & AUDIT_COUNTED);
        int r = order->wish->sorted ? socketrow_compare(order->world, order->wish->sort, one, other)
                                    : 0;

        if (r)
                return r;
        if (counted)
                return counted;
        if (bytes != other_bytes)
                return bytes < other_bytes ? 1 : -1;
        return one->row < other->row ? -1 : one->row > other->row;
}

/* The sums' key: rows of one key are neighbours. A login's own connection is not its session's. */
static int socketlist_compare_key(const void *a, const void *b, void *context) {
        const struct socketlist_order *order = context;
        const struct socketrow *one = a, *other = b;
        int login = (other->row->flags & AUDIT_LOGIN) - (one->row->flags & AUDIT_LOGIN);

        switch (order->wish->by) {
        case SOCKETROW_USER:
        case SOCKETROW_UID: /* two names of one uid cannot be told apart, and are one user */
                return socketrow_compare(order->world, SOCKETROW_UID, one, other);
        case SOCKETROW_REMOTE: {
                struct audit_row x = *one->row, y = *other->row;
                int unconnected = (x.flags & AUDIT_UNCONNECTED) - (y.flags & AUDIT_UNCONNECTED);

                if (unconnected || x.flags & AUDIT_UNCONNECTED)
                        return unconnected;
                x.connection.remote.port = y.connection.remote.port = 0;
                return socketrow_compare(order->world, SOCKETROW_REMOTE,
                                         &(struct socketrow){ .row = &x },
                                         &(struct socketrow){ .row = &y });
        }
        case SOCKETROW_SESSION:
                if (login || one->row->flags & AUDIT_LOGIN)
                        return login;
                return socketrow_compare(order->world, SOCKETROW_SESSION, one, other);
        case SOCKETROW_PROGRAM:
        case SOCKETROW_PORT:
        case SOCKETROW_TIME:
        case SOCKETROW_PID:
        case SOCKETROW_PROTO:
        case SOCKETROW_STATE:
        case SOCKETROW_LOCAL:
        case SOCKETROW_LOCAL_PORT:
        case SOCKETROW_REMOTE_PORT:
        case SOCKETROW_SOCKETS:
        case SOCKETROW_IN_BYTES:
        case SOCKETROW_IN_PACKETS:
        case SOCKETROW_OUT_BYTES:
        case SOCKETROW_OUT_PACKETS:
        case SOCKETROW_IN_RATE:
        case SOCKETROW_OUT_RATE:
        case SOCKETROW_AGE:
        case SOCKETROW_COLUMNS:
                break;
        }
        return socketrow_compare(order->world, order->wish->by, one, other);
}

static void socketlist_add(struct audit_row *sum, const struct audit_row *row) {
        if (!(row->flags & AUDIT_COUNTED))
                return;
        sum->flags |= AUDIT_COUNTED;
        sum->traffic.in.bytes += row->traffic.in.bytes;
        sum->traffic.in.packets += row->traffic.in.packets;
        sum->traffic.out.bytes += row->traffic.out.bytes;
        sum->traffic.out.packets += row->traffic.out.packets;
}

/* In place: a list of rows becomes one of sums. */
static int socketlist_sum(struct socketlist_order *order, struct socketlist *list) {
        size_t n = 0, sums = 0;

        qsort_r(list->rows, list->n, sizeof(*list->rows), socketlist_compare_key, order);
        for (size_t i = 0; i < list->n; i++)
                sums += !i || socketlist_compare_key(&list->rows[i - 1], &list->rows[i], order);
        list->sums = calloc(sums ? sums : 1, sizeof(*list->sums));
        if (!list->sums)
                return -ENOMEM;
        for (size_t i = 0; i < list->n; n++) {
                struct audit_row *sum = &list->sums[n];
                size_t first = i;

                *sum = *list->rows[first].row;
                sum->traffic = (struct traffic){ .in = { 0 } };
                sum->flags &= (uint8_t)~AUDIT_COUNTED;
                sum->age = AUDIT_UNKNOWN;
                for (; i < list->n &&
                       !socketlist_compare_key(&list->rows[first], &list->rows[i], order);
                     i++)
                        socketlist_add(sum, list->rows[i].row);
                if (order->wish->by == SOCKETROW_SESSION && sum->flags & AUDIT_LOGIN)
                        /* those of many */
                        sum->owner.session = sum->owner.login_user = AUDIT_UNKNOWN;
                list->rows[n] = (struct socketrow){ .row = sum, .sockets = i - first };
        }
        list->n = n;
        return 0;
}

/**
 * socketlist_make() - choose, sum and sort
 * @world:      besides the rows
 * @wish:       what the admin asked for
 * @ret_list:   the rows, until the audit's next look; to be given to socketlist_clear()
 *
 * Return: 0 or -ENOMEM.
 */
int socketlist_make(const struct socketrow_world *world, const struct socketlist_wish *wish,
                    struct socketlist *ret_list) {
        struct socketlist_order order = { .world = world, .wish = wish };
        _cleanup_(socketlist_clear) struct socketlist list = { .n = 0 };
        const struct audit_row *rows;
        size_t n = audit_rows(world->audit, &rows), wanted = 0;

        for (size_t i = 0; i < n; i++)
                wanted += socketlist_wants(world, wish, &rows[i]);
        list.rows = calloc(wanted ? wanted : 1, sizeof(*list.rows));
        if (!list.rows)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (socketlist_wants(world, wish, &rows[i]))
                        list.rows[list.n++].row = &rows[i];

        if (wish->sums && socketlist_sum(&order, &list) < 0)
                return -ENOMEM;
        qsort_r(list.rows, list.n, sizeof(*list.rows), socketlist_compare, &order);
        if (wish->limit && wish->limit < list.n)
                list.n = wish->limit;

        *ret_list = list;
        list = (struct socketlist){ .n = 0 };
        return 0;
}

/**
 * socketlist_clear() - forget a list
 * @list:       the list
 */
void socketlist_clear(struct socketlist *list) {
        free(list->rows);
        free(list->sums);
        *list = (struct socketlist){ .n = 0 };
}
