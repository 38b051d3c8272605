/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the processes of a login have moved.
 */

#ifndef USERMAP_USERLOGIN_H
#define USERMAP_USERLOGIN_H

#include "usermap/usermap.h"

struct userlogin {
        const char *user; /* its user's name; NULL: not known */
        int64_t uid;
        int64_t audit_session;
};

void userlogin_sum(const struct usermap_row *rows, size_t n, const struct userlogin *login,
                   struct traffic *ret_traffic);
bool userlogin_is_whole(const struct usermap_row *rows, size_t n, const struct userlogin *login,
                        const struct subuid *subuid);

#endif
