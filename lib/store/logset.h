/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The record log and its rotated files, oldest first.
 *
 * Owns: which files these are: LOG, LOG.1, LOG.2.gz, LOG-20261122.zst, as logrotate names them; and
 * their order.
 * Does not: read them (logstream.h).
 */

#ifndef STORE_LOGSET_H
#define STORE_LOGSET_H

#include "base/cleanup.h"

#include <stddef.h>
#include <stdint.h>

struct logset_file {
        char *path;
        uint64_t device;
        uint64_t inode;
        uint64_t size;    /* as it lies on the disk */
        uint64_t changed; /* CLOCK_REALTIME in nanoseconds, its mtime */
};

struct logset {
        struct logset_file *files;
        size_t n;
};

int logset_new(const char *path, struct logset **ret_set);
int logset_add(struct logset *set, const char *path);
struct logset *logset_free(struct logset *set);
CLEANUP_DEFINE(struct logset, logset_free)

#endif
