/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Subordinate uids: to whom they belong.
 */

#ifndef USERMAP_SUBUID_H
#define USERMAP_SUBUID_H

#include <stddef.h>
#include <stdint.h>

#define SUBUID_NAME_MAX 256

struct subuid_range {
        uint32_t first;
        uint32_t n;
        char owner[SUBUID_NAME_MAX]; /* a name, or a number */
};

struct subuid {
        struct subuid_range *ranges;
        size_t n;
        uint64_t hash; /* of the text; 0 if there is none */
};

int subuid_parse(const char *text, struct subuid *ret_subuid);
int subuid_read(struct subuid *ret_subuid);
const char *subuid_owner(const struct subuid *subuid, uint32_t uid);
void subuid_clear(struct subuid *subuid);

#endif
