/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the processes of a login have moved.
 *
 * Relies on: a login's rows are removed only when the login is over.
 */

#include "usermap/userlogin.h"

/**
 * userlogin_sum() - add up the rows of a login
 * @rows:       all rows that there are
 * @n:          how many
 * @uid:        of the login's user
 * @audit_session: of the login
 * @ret_traffic: what its processes moved, but with excluded networks
 *
 * Return: whether that is known: a user with too many rows has one for the rest, in which his
 *         logins are not told apart.
 */
bool userlogin_sum(const struct usermap_row *rows, size_t n, int64_t uid, int64_t audit_session,
                   struct traffic *ret_traffic) {
        struct traffic sum = { .in = { 0 } };

        for (size_t i = 0; i < n; i++) {
                const struct userlayout_key *key = &rows[i].key;
                const struct traffic *t = &rows[i].traffic;

                if (key->who == USERLAYOUT_REST && key->owner == (uint64_t)uid)
                        return false;
                if (key->who != USERLAYOUT_USER || key->excluded ||
                    key->session != (uint64_t)audit_session)
                        continue;
                sum.in.bytes += t->in.bytes;
                sum.in.packets += t->in.packets;
                sum.out.bytes += t->out.bytes;
                sum.out.packets += t->out.packets;
        }
        *ret_traffic = sum;
        return true;
}
