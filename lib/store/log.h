/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The record log: appending lines; finding out whether a line is there, and which record of a
 * session is the last.
 */

#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "base/traffic.h"
#include "base/uuid.h"
#include "store/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the log ended at some moment. */
struct log_position {
        int64_t inode; /* -1: there was no log */
        int64_t offset;
};

/* The last record of a session. */
struct log_last {
        char session[UUID_TEXT_MAX];
        int64_t seq;                /* -1: there is none */
        bool stopped;               /* it is the stop record */
        struct known_traffic total; /* the totals in that record */
};

/* Tells which of the sessions that are looked for a record is of: its place, or one beyond them. */
typedef size_t (*log_which)(const struct record *record, const void *context);

int log_append(int folder_fd, const char *path, const char *lines, size_t size, uint64_t *patience);
int log_probe(const char *path);
void log_position(const char *path, struct log_position *ret_position);
int log_find(const char *path, const struct log_position *from, const char *text, bool *ret_found);
bool log_is_compressed(const char *name);
size_t log_which_session(const struct record *record, const void *session);
int log_last(const char *path, log_which which, const void *context, struct log_last *ret_lasts,
             size_t n);

#endif
