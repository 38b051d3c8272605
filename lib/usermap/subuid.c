/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Subordinate uids: to whom they belong.
 *
 * Relies on: subuid(5): lines OWNER:FIRST:COUNT; OWNER is a name or a uid. useradd(8) writes the
 * file; a later line never takes away from an earlier one.
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
        *ret_range = (struct subuid_range){ (uint32_t)begin, (uint32_t)count, "" };
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
                subuid.hash = map_hash(0, text, strlen(text));
        for (const char *p = text; *p; p++)
                room += *p == '\n';
        subuid.ranges = calloc(room, sizeof(*subuid.ranges));
        if (!subuid.ranges)
                return -ENOMEM;
        while (*text) {
                size_t size = strcspn(text, "\n");

                subuid.n += (size_t)subuid_parse_line(text, size, &subuid.ranges[subuid.n]);
                text += size + (text[size] == '\n');
        }
        *ret_subuid = subuid;
        return 0;
}

/**
 * subuid_read() - read /etc/subuid
 * @ret_subuid: the ranges; none if there is no file
 *
 * Return: 0 or a negative errno.
 */
int subuid_read(struct subuid *ret_subuid) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        int r;

        *ret_subuid = (struct subuid){ .n = 0 };
        r = file_read_at(AT_FDCWD, SUBUID_FILE, SUBUID_TEXT_MAX, &text, &size);
        if (r)
                return r == -ENOENT ? 0 : r < 0 ? r : -EFBIG;
        return subuid_parse(text, ret_subuid);
}

/**
 * subuid_owner() - tell to whom a subordinate uid belongs
 * @subuid:     the ranges
 * @uid:        the uid
 *
 * Return: the owner, as the file has him; NULL if the uid is nobody's.
 */
const char *subuid_owner(const struct subuid *subuid, uint32_t uid) {
        for (size_t i = 0; i < subuid->n; i++)
                if (uid >= subuid->ranges[i].first &&
                    uid - subuid->ranges[i].first < subuid->ranges[i].n)
                        return subuid->ranges[i].owner;
        return NULL;
}

/**
 * subuid_clear() - end what subuid_parse() began
 * @subuid:     the ranges
 */
void subuid_clear(struct subuid *subuid) {
        free(subuid->ranges);
        *subuid = (struct subuid){ .n = 0 };
}
