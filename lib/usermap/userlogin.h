/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the processes of a login have moved.
 */

#ifndef USERMAP_USERLOGIN_H
#define USERMAP_USERLOGIN_H

#include "usermap/usermap.h"

bool userlogin_sum(const struct usermap_row *rows, size_t n, int64_t uid, int64_t audit_session,
                   struct traffic *ret_traffic);

#endif
