/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The users that this host itself knows: those of /etc/passwd.
 */

#ifndef USERMAP_LOCALUSERS_H
#define USERMAP_LOCALUSERS_H

#include <stddef.h>
#include <stdint.h>

struct localuser {
        uint32_t uid;
        char *name;
};

struct localusers {
        struct localuser *users; /* by their uids */
        size_t n;
};

int localusers_read(struct localusers *ret_users);
size_t localusers_from(const struct localusers *users, uint32_t uid);
const struct localuser *localusers_find(const struct localusers *users, uint32_t uid);
void localusers_clear(struct localusers *users);

#endif
