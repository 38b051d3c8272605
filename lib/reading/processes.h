/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the processes of logins have moved, beside the connections of the logins.
 */

#ifndef READING_PROCESSES_H
#define READING_PROCESSES_H

#include "store/record.h"
#include "store/settings.h"
#include "store/state.h"
#include "usermap/usermap.h"

/* One look at what the kernel counted. */
struct processes {
        struct usermap_row *rows;
        size_t n;
        struct subuid subuid; /* read where somebody has too many rows */
        int64_t since; /* when counting began, CLOCK_BOOTTIME; FIELD_UNKNOWN: nothing counts */
};

void processes_read(const struct settings *settings, struct processes *processes);
void processes_fill(const struct processes *processes, const struct state *state,
                    struct record *record);
void processes_clear(struct processes *processes);

#endif
