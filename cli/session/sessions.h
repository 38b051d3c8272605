/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions of a log: for each, the place of the record that says most about it.
 */

#ifndef CLI_SESSIONS_H
#define CLI_SESSIONS_H

#include "base/base.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Some 130 bytes in all, whatever its record has: a log has many. */
struct session_entry {
        struct summary summary;
        uint64_t id[2]; /* uuid_number() */
        uint64_t offset;
        int64_t weight; /* by which it is sorted; those with more are the first */
        uint32_t size;  /* of the line, without its newline */
        uint32_t file;  /* which of several logs */
};

struct sessions;

int sessions_new(struct sessions **ret_sessions);
struct sessions *sessions_free(struct sessions *sessions);
CLEANUP_DEFINE(struct sessions, sessions_free)

int sessions_add(struct sessions *sessions, uint32_t file, const struct logreader_line *line,
                 int64_t weight);
bool sessions_is(const struct session_entry *entry, const struct record *record);
int sessions_sort(struct sessions *sessions, const struct session_entry *const **ret_entries,
                  size_t *ret_n);

#endif
