/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The names of users, each looked up once.
 */

#ifndef CLI_USERS_H
#define CLI_USERS_H

#include <stdbool.h>
#include <stdint.h>

struct users_entry;

struct users {
        struct users_entry *entries; /* by uid, sorted */
        uint32_t n, room;
        uint32_t last;
};

const char *users_name(struct users *users, uint32_t uid);
bool users_uid(const char *text, uint32_t *ret_uid);
void users_clear(struct users *users);

#endif
