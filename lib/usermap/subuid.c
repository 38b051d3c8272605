/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Subordinate uids: to whom they belong.
 *
 * Owns: that a user's own uid is never another one's subordinate, though a range may have it: by
 * mistake, or because root is to use it in a container. The users are those of /etc/passwd, and
 * whoever has a uid of 16 bits, as a directory service may give him: useradd(8) gives users uids up
 * to 60000, and ranges from 100000 on. What several owners' lines have belongs to none of them.
 * Relies on: subuid(5): lines OWNER:FIRST:COUNT; OWNER is a name or a uid.
 */

#include "usermap/subuid.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/map.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define SUBUID_FILE "/etc/subuid"
#define SUBUID_TEXT_MAX ((size_t)16 * 1024 * 1024)
#define SUBUID_SEED 1 /* another one where the same text comes to mean something else */

/* One line, without its newline. Return: whether it is one. */
static int subuid_parse_line(const char *line, size_t size, struct subuid_range *ret_range) {
        const char *first = memchr(line, ':', size), *n;
        uint64_t begin, count;
        size_t rest;

        if (!first || first == line || (size_t)(first - line) >= SUBUID_NAME_MAX)
                return 0;
        rest = size - (size_t)(first + 1 - line);
        n = memchr(first + 1, ':', rest);
        if (!n ||
            number_parse(first + 1, (size_t)(n - first - 1), 10, UINT32_MAX - 1, &begin) < 0 ||
            number_parse(n + 1, size - (size_t)(n + 1 - line), 10, UINT32_MAX, &count) < 0 ||
            !count || count > UINT32_MAX - begin)
                return 0;
        *ret_range = (struct subuid_range){ .first = (uint32_t)begin, .n = (uint32_t)count };
        memcpy(ret_range->owner, line, (size_t)(first - line));
        return 1;
}

/**
 * subuid_parse() - read the text of /etc/subuid
 * @text:       the text; lines that are none are passed over
 * @ret_subuid: the ranges, in the order of the lines
 *
 * Return: 0 or -ENOMEM.
 */
int subuid_parse(const char *text, struct subuid *ret_subuid) {
        struct subuid subuid = { .n = 0 };
        size_t room = 1;

        if (*text)
                subuid.hash = map_hash(SUBUID_SEED, text, strlen(text));
        for (const char *p = text; *p; p++)
                room += *p == '\n';
        subuid.ranges = calloc(room, sizeof(*subuid.ranges));
        if (!subuid.ranges)
                return -ENOMEM;
        for (uint32_t line = 1; *text; line++) {
                size_t size = strcspn(text, "\n");

                if (subuid_parse_line(text, size, &subuid.ranges[subuid.n]))
                        subuid.ranges[subuid.n++].line = line;
                text += size + (text[size] == '\n');
        }
        *ret_subuid = subuid;
        return 0;
}

/* Return: 0 or a negative errno. */
static int subuid_read_files(struct subuid *subuid) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        int r;

        r = file_read_at(AT_FDCWD, SUBUID_FILE, SUBUID_TEXT_MAX, &text, &size);
        if (r)
                return r == -ENOENT ? 0 : r < 0 ? r : -EFBIG;
        r = subuid_parse(text, subuid);
        return r || !subuid->n ? r : localusers_read(&subuid->users);
}

/**
 * subuid_read() - read /etc/subuid, and who is a user
 * @ret_subuid: the ranges; none if there is no file
 *
 * Return: 0 or a negative errno.
 */
int subuid_read(struct subuid *ret_subuid) {
        struct subuid subuid = { .n = 0 };
        int r = subuid_read_files(&subuid);

        if (r < 0) {
                subuid_clear(&subuid);
                subuid.failed = true;
        }
        for (size_t i = 0; i < subuid.users.n; i++)
                subuid.hash = map_hash(subuid.hash, &subuid.users.users[i].uid,
                                       sizeof(subuid.users.users[i].uid));
        *ret_subuid = subuid;
        return r;
}

/**
 * subuid_range_is_of() - tell whether a range is a user's
 * @range:      the range
 * @user:       his name, or NULL
 * @uid:        his uid; less than 0: not known
 *
 * Return: true if so.
 */
bool subuid_range_is_of(const struct subuid_range *range, const char *user, int64_t uid) {
        uint64_t number;

        if (user && !strcmp(range->owner, user))
                return true;
        return uid >= 0 &&
               !number_parse(range->owner, strlen(range->owner), 10, UINT32_MAX - 1, &number) &&
               number == (uint64_t)uid;
}

/* The next range, from @i on, that has a uid, unless a user has it. Return: NULL: none has. */
static const struct subuid_range *subuid_next(const struct subuid *subuid, size_t i, uint32_t uid) {
        if (uid < SUBUID_LOWEST || localusers_find(&subuid->users, uid))
                return NULL;
        for (; i < subuid->n; i++)
                if (uid >= subuid->ranges[i].first &&
                    uid - subuid->ranges[i].first < subuid->ranges[i].n)
                        return &subuid->ranges[i];
        return NULL;
}

/**
 * subuid_has() - tell whether a uid is a subordinate one
 * @subuid:     the ranges
 * @uid:        the uid
 *
 * Return: true if so.
 */
bool subuid_has(const struct subuid *subuid, uint32_t uid) {
        return subuid_next(subuid, 0, uid) != NULL;
}

/**
 * subuid_is_of() - tell whether a uid is one of a user's subordinate ones, and maybe another's, too
 * @subuid:     the ranges
 * @uid:        the uid
 * @user:       the user's name, or NULL
 * @user_uid:   the user's uid; less than 0: not known
 *
 * Return: true if so.
 */
bool subuid_is_of(const struct subuid *subuid, uint32_t uid, const char *user, int64_t user_uid) {
        const struct subuid_range *range = subuid_next(subuid, 0, uid);

        while (range && !subuid_range_is_of(range, user, user_uid))
                range = subuid_next(subuid, (size_t)(range - subuid->ranges) + 1, uid);
        return range != NULL;
}

/**
 * subuid_owner() - tell to whom a subordinate uid belongs
 * @subuid:     the ranges
 * @uid:        the uid
 *
 * Return: the owner, as the file has him; NULL if the uid is nobody's, or one of several owners'.
 */
const char *subuid_owner(const struct subuid *subuid, uint32_t uid) {
        const struct subuid_range *first = subuid_next(subuid, 0, uid), *range = first;

        while (range && !strcmp(range->owner, first->owner))
                range = subuid_next(subuid, (size_t)(range - subuid->ranges) + 1, uid);
        return first && !range ? first->owner : NULL;
}

/**
 * subuid_clear() - end what subuid_parse() began
 * @subuid:     the ranges
 */
void subuid_clear(struct subuid *subuid) {
        free(subuid->ranges);
        localusers_clear(&subuid->users);
        *subuid = (struct subuid){ .n = 0 };
}
