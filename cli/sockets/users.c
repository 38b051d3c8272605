/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The names of users.
 *
 * Relies on: getpwuid(3), which may ask a directory over the network. So each uid is asked only
 * once.
 */

#include "users.h"

#include "base/base.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

struct users_entry {
        uint32_t uid;
        char *name; /* NULL: it has none */
};

/* The place of a uid, or where it belongs. */
static uint32_t users_find(const struct users *users, uint32_t uid) {
        uint32_t low = 0, high = users->n;

        while (low < high) {
                uint32_t middle = low + (high - low) / 2;

                if (users->entries[middle].uid < uid)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool users_room(struct users *users) {
        uint32_t room = users->room ? users->room * 2 : 64;
        struct users_entry *larger;

        if (users->n < users->room)
                return true;
        larger = reallocarray(users->entries, room, sizeof(*larger));
        if (!larger)
                return false;
        users->entries = larger;
        users->room = room;
        return true;
}

/**
 * users_name() - name a user
 * @users:      those that were asked for before
 * @uid:        the user
 *
 * Return: the name, hostile; NULL if there is none, or no memory.
 */
const char *users_name(struct users *users, uint32_t uid) {
        const struct passwd *user;
        struct users_entry *at;
        uint32_t place;

        if (users->last < users->n && users->entries[users->last].uid == uid)
                return users->entries[users->last].name;
        place = users_find(users, uid);
        if (place == users->n || users->entries[place].uid != uid) {
                if (!users_room(users))
                        return NULL;
                user = getpwuid(uid);
                at = &users->entries[place];
                memmove(at + 1, at, (users->n - place) * sizeof(*at));
                *at = (struct users_entry){ .uid = uid,
                                            .name = user ? strdup(user->pw_name) : NULL };
                users->n++;
        }
        users->last = place;
        return users->entries[place].name;
}

/**
 * users_uid() - read whom an admin means
 * @text:       a name, or a uid
 * @ret_uid:    the uid
 *
 * Return: true if there is such a user; each number is one.
 */
bool users_uid(const char *text, uint32_t *ret_uid) {
        const struct passwd *user = getpwnam(text);
        uint64_t number;

        if (user)
                *ret_uid = user->pw_uid;
        else if (number_parse(text, strlen(text), 10, UINT32_MAX - 1, &number) == 0)
                *ret_uid = (uint32_t)number;
        else
                return false;
        return true;
}

/**
 * users_clear() - forget all
 * @users:      those that were asked for
 */
void users_clear(struct users *users) {
        for (uint32_t i = 0; i < users->n; i++)
                free(users->entries[i].name);
        free(users->entries);
        *users = (struct users){ .n = 0 };
}
