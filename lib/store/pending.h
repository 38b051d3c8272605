/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Lines for the record log that are made, but perhaps not yet there.
 *
 * Owns: that a line comes into the log once, whatever is killed in between. Whoever has made one
 * writes it down as pending, appends it, and then writes down that it is no longer. Whoever finds
 * one pending looks for it in the log behind the place where that ended then, and appends it if it
 * is not there: also much later, when a disk that was full has room again.
 * Does not: write anything down; that is whose state it is part of.
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
int pending_append(struct pending *pending, int folder_fd, const char *log, uint64_t *patience);

#endif
