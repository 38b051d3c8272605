/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The record log: the last record of sessions whose ids nobody knows any more.
 *
 * Owns: that the record with the highest number is the last, in whatever file it is: in the log or
 * in a file to which the log was renamed (log.1, log-20261122).
 * Does not: look into compressed files, like logfind.c.
 */

#include "store/log.h"

#include "base/cleanup.h"
#include "net/loginkind.h"
#include "store/logreader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct loglast {
        log_which which;
        const void *context;
        struct loglast_end *lasts;
        size_t n;
};

static void loglast_take(const struct loglast *loglast, const struct record *record) {
        size_t place = loglast->which(record, loglast->context);
        struct loglast_end *last = &loglast->lasts[place];
        struct traffic *total;

        if (place >= loglast->n || record->seq <= last->seq)
                return;
        *last = (struct loglast_end){ .seq = record->seq };
        (void)snprintf(last->session, sizeof(last->session), "%s", record->session);
        last->stopped = !strcmp(record->event, "stop");
        last->kinds = loginkind_parse(record->kind);
        last->total.known = record->in_bytes >= 0 && record->out_bytes >= 0 &&
                            record->in_packets >= 0 && record->out_packets >= 0;
        if (!last->total.known)
                return;
        total = &last->total.traffic;
        total->in = (struct counter){ (uint64_t)record->in_bytes, (uint64_t)record->in_packets };
        total->out = (struct counter){ (uint64_t)record->out_bytes, (uint64_t)record->out_packets };
}

static int loglast_read(const struct loglast *loglast, int folder_fd, const char *name) {
        const struct logreader_place from = { 0 };
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        _cleanup_(fd_closep) int fd = -1;
        struct logreader_line line;
        struct stat st;
        int r;

        fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return errno == ENOENT || errno == ELOOP ? 0 : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return 0;
        r = logreader_new(fd, &from, &reader);
        while (!r) {
                r = logreader_next(reader, &line);
                if (!r && line.record)
                        loglast_take(loglast, line.record);
        }
        return r < 0 ? r : 0;
}

/**
 * loglast_session() - look for one session, or one account of a port
 * @record:     a record
 * @session:    the id
 *
 * Return: see log_which.
 */
size_t loglast_session(const struct record *record, const void *session) {
        return record->session && !strcmp(record->session, session) ? 0 : 1;
}

/**
 * loglast_find() - find the last records of sessions
 * @path:       the log
 * @which:      tells which session a record is of
 * @context:    for @which
 * @ret_lasts:  the records, in the place of each session
 * @n:          how many sessions
 *
 * Reads the whole log once, some microseconds a line.
 *
 * Return: 0, or a negative errno: then nobody knows.
 */
int loglast_find(const char *path, log_which which, const void *context,
                 struct loglast_end *ret_lasts, size_t n) {
        const struct loglast loglast = { which, context, ret_lasts, n };
        const char *slash = strrchr(path, '/');
        struct dirent **entries = NULL;
        _cleanup_(fd_closep) int fd = -1;
        char directory[PATH_MAX];
        int count, r = 0;

        for (size_t i = 0; i < n; i++)
                ret_lasts[i] = (struct loglast_end){ .seq = -1 };
        if (!slash || (size_t)(slash - path) >= sizeof(directory))
                return -EINVAL;
        (void)snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
        fd = open(*directory ? directory : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        count = scandirat(fd, ".", &entries, NULL, alphasort);
        if (count < 0)
                return -errno;
        for (int i = 0; i < count; i++) {
                const char *name = entries[i]->d_name;

                if (!r && !strncmp(name, slash + 1, strlen(slash + 1)) &&
                    !logfind_is_compressed(name))
                        r = loglast_read(&loglast, fd, name);
                free(entries[i]);
        }
        free(entries);
        return r;
}
