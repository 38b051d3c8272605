/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The users that this host itself knows: those of /etc/passwd.
 *
 * Owns: that no directory service is asked, which may be huge, or not answer.
 * Relies on: fgetpwent(3), which reads the file that it is given and asks nobody.
 */

#include "usermap/localusers.h"

#include "base/cleanup.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOCALUSERS_FILE "/etc/passwd"

static int localusers_compare(const void *a, const void *b) {
        const struct localuser *x = a, *y = b;

        return (x->uid > y->uid) - (x->uid < y->uid);
}

static int localusers_add(struct localusers *users, size_t *room, const struct passwd *entry) {
        struct localuser *user;

        if (users->n == *room) {
                size_t more = 2 * *room + 64;

                user = reallocarray(users->users, more, sizeof(*user));
                if (!user)
                        return -ENOMEM;
                users->users = user;
                *room = more;
        }
        user = &users->users[users->n];
        *user = (struct localuser){ entry->pw_uid, strdup(entry->pw_name) };
        if (!user->name)
                return -ENOMEM;
        users->n++;
        return 0;
}

/**
 * localusers_read() - read /etc/passwd
 * @ret_users:  its users; none if there is no file
 *
 * Return: 0 or a negative errno.
 */
int localusers_read(struct localusers *ret_users) {
        _cleanup_(localusers_clear) struct localusers users = { .n = 0 };
        FILE *file = fopen(LOCALUSERS_FILE, "re");
        const struct passwd *entry;
        size_t room = 0;
        int r = 0;

        if (!file && errno != ENOENT)
                return -errno;
        while (file && !r && (entry = fgetpwent(file)))
                r = localusers_add(&users, &room, entry);
        if (file && ferror(file))
                r = -EIO;
        if (file)
                (void)fclose(file);
        if (r < 0)
                return r;
        if (users.n)
                qsort(users.users, users.n, sizeof(*users.users), localusers_compare);
        *ret_users = users;
        users = (struct localusers){ .n = 0 };
        return 0;
}

/**
 * localusers_from() - find the first user whose uid is not below a number
 * @users:      the users
 * @uid:        the number
 *
 * Return: his place; those with higher uids follow. The number of users: there is none.
 */
size_t localusers_from(const struct localusers *users, uint32_t uid) {
        size_t low = 0, high = users->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (users->users[middle].uid < uid)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/**
 * localusers_find() - find a user
 * @users:      the users
 * @uid:        his uid
 *
 * Return: the user, or NULL.
 */
const struct localuser *localusers_find(const struct localusers *users, uint32_t uid) {
        size_t i = localusers_from(users, uid);

        return i < users->n && users->users[i].uid == uid ? &users->users[i] : NULL;
}

/**
 * localusers_clear() - end what localusers_read() began
 * @users:      the users
 */
void localusers_clear(struct localusers *users) {
        for (size_t i = 0; i < users->n; i++)
                free(users->users[i].name);
        free(users->users);
        *users = (struct localusers){ .n = 0 };
}
