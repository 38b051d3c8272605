/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The folder with a file for each user.
 *
 * Owns: who may read what. The folder belongs to root, mode 0755: nobody else can put a file into
 * it. The name of a file is its user's uid; the file belongs to that user and has mode 0400, so
 * only he and root can read it. He may also change his file, but that harms nobody: root never
 * reads it, and the next export makes it anew. So no program has to be setuid: an ordinary user
 * reads a file that is meant for him. Only one export runs at a time. The lock for that is in the
 * state folder, because anybody could hold a lock on this folder.
 */

#include "usagefolder.h"

#include "base/base.h"
#include "cli/shared/fail.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define USAGEFOLDER_NAME_MAX 16

/* How long to wait for another export. */
#define USAGEFOLDER_PATIENCE (10 * CLOCK_SECOND)

static int usagefolder_failed(const char *what, const char *path, int error) {
        return fail(-error, "cannot %s %s: %s", what, path, statelock_reason(-error));
}

static int usagefolder_open(const char *path, int *ret_fd) {
        _cleanup_(fd_closep) int fd = -1;
        struct stat st;

        if (mkdir(path, 0755) == 0)
                (void)chmod(path, 0755); /* whatever the umask is */
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 || fstat(fd, &st) < 0)
                return usagefolder_failed("open", path, errno);
        if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
                return fail(-EPERM,
                            "will not write to %s: users other than root can put files there; run "
                            "chown root and chmod 755 on it",
                            path);
        *ret_fd = fd_steal(&fd);
        return 0;
}

static int usagefolder_lock(const char *path, const char *state_dir, int *ret_fd) {
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + USAGEFOLDER_PATIENCE;
        int r = statelock_take_at(state_dir, STATELOCK_USAGE, deadline, ret_fd);

        if (r == -ETIMEDOUT)
                return usagefolder_failed("write to", path, ETIMEDOUT);
        return r < 0 ? usagefolder_failed("lock in", state_dir, -r) : 0;
}

/* As a whole or not at all; and it is nobody's to read before all of it is there. */
static int usagefolder_put(int folder_fd, struct usageline *const *lines) {
        char name[USAGEFOLDER_NAME_MAX], temporary[USAGEFOLDER_NAME_MAX + 8];
        uid_t uid = (uid_t)lines[0]->uid;
        _cleanup_(fd_closep) int fd = -1;
        int r = 0;

        (void)snprintf(name, sizeof(name), "%" PRId64, lines[0]->uid);
        (void)snprintf(temporary, sizeof(temporary), ".%s.tmp", name);
        if (unlinkat(folder_fd, temporary, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(folder_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                    0600);
        if (fd < 0)
                return -errno;
        for (size_t i = 0; i < USAGEFIGURES_PERIODS && !r; i++) {
                _cleanup_(freep) char *text = NULL;
                size_t size;

                r = usageline_encode(lines[i], &text, &size);
                if (!r)
                        r = file_write(fd, text, size);
        }
        if (!r && (fchmod(fd, 0400) < 0 || fchown(fd, uid, (gid_t)-1) < 0 ||
                   renameat(folder_fd, temporary, folder_fd, name) < 0))
                r = -errno;
        if (r < 0)
                (void)unlinkat(folder_fd, temporary, 0);
        return r;
}

static int usagefolder_compare(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return x == y ? 0 : x < y ? -1 : 1;
}

/* A file that was not written now is of a user who is gone; his uid may be another one's some day.
 */
static int usagefolder_clear(int folder_fd, uint64_t *uids, size_t n) {
        int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const struct dirent *entry;
        DIR *folder;

        if (fd < 0)
                return -errno;
        folder = fdopendir(fd);
        if (!folder) {
                (void)fd_close(fd);
                return -errno;
        }
        if (n)
                qsort(uids, n, sizeof(*uids), usagefolder_compare);
        while ((entry = readdir(folder))) {
                uint64_t uid;

                if (number_parse(entry->d_name, strlen(entry->d_name), 10, UINT32_MAX, &uid) == 0 &&
                    !(n && bsearch(&uid, uids, n, sizeof(*uids), usagefolder_compare)))
                        (void)unlinkat(folder_fd, entry->d_name, 0);
        }
        (void)closedir(folder);
        return 0;
}

static void usagefolder_add(int64_t *sum, int64_t number) {
        if (*sum == USAGELINE_UNKNOWN || number == USAGELINE_UNKNOWN ||
            __builtin_add_overflow(*sum, number, sum))
                *sum = USAGELINE_UNKNOWN;
}

/* Names may have the same uid (root and toor): their file has the sum, by the first of the names.
 */
static bool usagefolder_merge(const struct usagefigures *figures, size_t user) {
        struct usageline *const *lines = figures->lines + user * USAGEFIGURES_PERIODS;

        for (size_t i = 0; i < user; i++) {
                struct usageline *const *first = figures->lines + i * USAGEFIGURES_PERIODS;

                if (first[0]->uid != lines[0]->uid)
                        continue;
                for (size_t period = 0; period < USAGEFIGURES_PERIODS; period++) {
                        usagefolder_add(&first[period]->in_bytes, lines[period]->in_bytes);
                        usagefolder_add(&first[period]->out_bytes, lines[period]->out_bytes);
                        usagefolder_add(&first[period]->sessions, lines[period]->sessions);
                        usagefolder_add(&first[period]->open, lines[period]->open);
                        first[period]->complete = first[period]->complete &&
                                                  lines[period]->complete &&
                                                  first[period]->in_bytes != USAGELINE_UNKNOWN &&
                                                  first[period]->out_bytes != USAGELINE_UNKNOWN;
                }
                return true;
        }
        return false;
}

/**
 * usagefolder_write() - give each user his figures
 * @path:       the folder; it is made where it is missing
 * @state_dir:  the state folder, likewise; another export is waited for, 10 seconds at most
 * @figures:    the figures of all users; those whose name nobody has here are passed over
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int usagefolder_write(const char *path, const char *state_dir, const struct usagefigures *figures) {
        _cleanup_(freep) uint64_t *uids = NULL;
        _cleanup_(fd_closep) int lock_fd = -1, fd = -1;
        size_t n = 0;
        int r;

        uids = calloc(figures->n_users + 1, sizeof(*uids));
        if (!uids)
                return usagefolder_failed("write to", path, ENOMEM);
        r = usagefolder_open(path, &fd);
        if (!r)
                r = usagefolder_lock(path, state_dir, &lock_fd);
        if (r < 0)
                return r;
        for (size_t i = 0; i < figures->n_users; i++) {
                struct usageline *const *lines = figures->lines + i * USAGEFIGURES_PERIODS;

                if (lines[0]->uid != USAGELINE_UNKNOWN && usagefolder_merge(figures, i))
                        lines[0]->uid = USAGELINE_UNKNOWN;
        }
        for (size_t i = 0; i < figures->n_users; i++) {
                struct usageline *const *lines = figures->lines + i * USAGEFIGURES_PERIODS;

                if (lines[0]->uid == USAGELINE_UNKNOWN)
                        continue;
                r = usagefolder_put(fd, lines);
                if (r < 0)
                        return usagefolder_failed("write to", path, -r);
                uids[n++] = (uint64_t)lines[0]->uid;
        }
        r = usagefolder_clear(fd, uids, n);
        return r < 0 ? usagefolder_failed("tidy", path, -r) : 0;
}

static int usagefolder_parse(const char *path, uid_t uid, const char *data, size_t size,
                             struct usagefigures **ret_figures) {
        _cleanup_(usagefigures_freep) struct usagefigures *figures = NULL;
        const char *end = data + size, *field = "JSON";

        figures = calloc(1, sizeof(*figures));
        if (figures)
                figures->lines = calloc(USAGEFIGURES_PERIODS, sizeof(*figures->lines));
        if (!figures || !figures->lines)
                return usagefolder_failed("read", path, ENOMEM);
        figures->n_users = 1;
        for (size_t i = 0; i < USAGEFIGURES_PERIODS; i++) {
                const char *newline = memchr(data, '\n', (size_t)(end - data));

                if (!newline ||
                    usageline_decode(data, (size_t)(newline - data), &figures->lines[i], &field))
                        return fail(-EBADMSG,
                                    "%s/%u:%zu is not as usage --export writes it (%s); the "
                                    "next usage --export makes it again",
                                    path, uid, i + 1, newline ? field : "too short");
                data = newline + 1;
        }
        *ret_figures = pointer_steal(&figures);
        return 0;
}

/**
 * usagefolder_read() - read a user's own figures
 * @path:       the folder
 * @uid:        the user
 * @ret_figures: his figures
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int usagefolder_read(const char *path, uid_t uid, struct usagefigures **ret_figures) {
        _cleanup_(freep) char *data = NULL;
        _cleanup_(fd_closep) int fd = -1;
        char name[PATH_MAX];
        struct stat st;
        size_t size;
        int r;

        if (snprintf(name, sizeof(name), "%s/%u", path, uid) >= (int)sizeof(name))
                return usagefolder_failed("read", path, ENAMETOOLONG);
        fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT)
                return fail(
                        -ENOENT,
                        "there are no figures for you yet: root has them written by pam_traffic "
                        "enable --usage, after you have logged in over SSH");
        if (fd < 0 || fstat(fd, &st) < 0)
                return usagefolder_failed("read", name, errno);
        if (!S_ISREG(st.st_mode) || st.st_uid != uid)
                return usagefolder_failed("read", name, EPERM);
        r = file_read(fd, USAGELINE_FILE_MAX, &data, &size);
        if (r)
                return usagefolder_failed("read", name, r < 0 ? -r : EFBIG);
        return usagefolder_parse(path, uid, data, size, ret_figures);
}
