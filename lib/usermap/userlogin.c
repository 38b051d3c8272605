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
 * @login:      the login
 * @ret_traffic: what its processes moved, but with excluded networks
 */
void userlogin_sum(const struct usermap_row *rows, size_t n, const struct userlogin *login,
                   struct traffic *ret_traffic) {
        struct traffic sum = { .in = { 0 } };

        for (size_t i = 0; i < n; i++) {
                const struct userlayout_key *key = &rows[i].key;
                const struct traffic *t = &rows[i].traffic;

                if (key->who != USERLAYOUT_USER || key->excluded ||
                    key->session != (uint64_t)login->audit_session)
                        continue;
                sum.in.bytes += t->in.bytes;
                sum.in.packets += t->in.packets;
                sum.out.bytes += t->out.bytes;
                sum.out.packets += t->out.packets;
        }
        *ret_traffic = sum;
}

/**
 * userlogin_is_whole() - tell whether the rows of a login are all that its processes moved
 * @rows:       all rows that there are
 * @n:          how many
 * @login:      the login
 * @subuid:     the ranges of subordinate uids
 *
 * A user with too many rows has one for the rest, in which his logins are not told apart; so has a
 * range of subordinate uids, each of which he may become.
 *
 * Return: true if so.
 */
bool userlogin_is_whole(const struct usermap_row *rows, size_t n, const struct userlogin *login,
                        const struct subuid *subuid) {
        for (size_t i = 0; i < n; i++) {
                const uint32_t owner = rows[i].key.owner;

                if (rows[i].key.who == USERLAYOUT_REST &&
                    (owner == (uint64_t)login->uid ||
                     subuid_is_of(subuid, owner, login->user, login->uid)))
                        return false;
        }
        return true;
}
