/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The record log: appending lines, and finding out whether a line is there.
 */

#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the log ended at some moment. */
struct log_position {
        int64_t inode; /* -1: there was no log */
        int64_t offset;
};

int log_append(int folder_fd, const char *path, const char *lines, size_t size, uint64_t *patience);
int log_probe(const char *path);
void log_position(const char *path, struct log_position *ret_position);
int log_find(const char *path, const struct log_position *from, const char *text, bool *ret_found);

#endif
