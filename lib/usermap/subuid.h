/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Subordinate uids: to whom they belong.
 */

#ifndef USERMAP_SUBUID_H
#define USERMAP_SUBUID_H

#include "usermap/localusers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUBUID_NAME_MAX 256
#define SUBUID_LOWEST 65536 /* those below are the host's users, whatever the file says */

struct subuid_range {
        uint32_t first;
        uint32_t n;
        uint32_t line;               /* the file's first one is 1 */
        char owner[SUBUID_NAME_MAX]; /* a name, or a number */
};

struct subuid {
        struct subuid_range *ranges;
        size_t n;
        struct localusers users; /* who is subordinate to nobody, wherever his uid is */
        uint64_t hash;           /* of all that; 0 if there is no text */
        bool failed;             /* it could not be read: nothing is known */
};

int subuid_parse(const char *text, struct subuid *ret_subuid);
int subuid_read(struct subuid *ret_subuid);
bool subuid_range_is_of(const struct subuid_range *range, const char *user, int64_t uid);
bool subuid_has(const struct subuid *subuid, uint32_t uid);
bool subuid_is_of(const struct subuid *subuid, uint32_t uid, const char *user, int64_t user_uid);
const char *subuid_owner(const struct subuid *subuid, uint32_t uid);
void subuid_clear(struct subuid *subuid);

#endif
