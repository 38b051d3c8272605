/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Lines for the record log that are made, but perhaps not yet in it.
 *
 * Owns: that a line comes into the log exactly once, whatever is killed in between. The maker of a
 * line first saves it as pending, then appends it, and then saves that it is no longer pending. A
 * process that finds a pending line looks for it in the log after the position where the log ended
 * when the line was saved, and appends the line if it is not there. This may be much later, for
 * example when a full disk has room again.
 * Does not: save anything; the caller does, because the pending lines are part of its state.
 */

#ifndef STORE_PENDING_H
#define STORE_PENDING_H

#include <stdbool.h>
#include <stdint.h>

struct pending {
        char *lines;    /* whole lines; NULL: none */
        int64_t inode;  /* where the log ended when the first of them was made */
        int64_t offset; /* likewise */
};

bool pending_is_sound(const struct pending *pending);
int pending_add(struct pending *pending, const char *log, const char *line);
int pending_look(struct pending *pending, const char *log);
void pending_clear(struct pending *pending);
int pending_append(struct pending *pending, int folder_fd, const char *log, uint64_t *patience);

#endif
