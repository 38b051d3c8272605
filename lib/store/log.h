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
struct logfind_position {
        int64_t inode; /* -1: there was no log */
        int64_t offset;
};

/* The last record of a session. */
struct loglast_end {
        char session[UUID_TEXT_MAX];
        int64_t seq;                /* -1: there is none */
        bool stopped;               /* it is the stop record */
        struct known_traffic total; /* the totals in that record */
        unsigned int kinds;         /* what it was for by then: enum loginkind */
};

/* Tells which of the sessions that are looked for a record is of: its place, or one beyond them. */
typedef size_t (*log_which)(const struct record *record, const void *context);

/* Told a session's last record, which it may change. If it does not return 0, the walk ends. */
typedef int (*log_take)(void *context, struct record *record);

int log_append(int folder_fd, const char *path, const char *lines, size_t size, uint64_t *patience);
int log_probe(const char *path);
void logfind_position(const char *path, struct logfind_position *ret_position);
int logfind_text(const char *path, const struct logfind_position *from, const char *text,
                 bool *ret_found);
bool logfind_is_compressed(const char *name);
size_t loglast_session(const struct record *record, const void *session);
int loglast_find(const char *path, log_which which, const void *context,
                 struct loglast_end *ret_lasts, size_t n);
int logopen_walk(const char *path, uint64_t since, log_take take, void *context);

#endif
