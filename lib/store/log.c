/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The record log: appending lines.
 *
 * Owns: the file's mode and group, and that a line is appended as a whole or not at all. Our
 * writers take turns by a lock of the state folder (statelock.c). A lock on the log itself would
 * not do, because everybody who may read the log could hold it. If a full disk cuts a line short,
 * the writer removes the part. If a crash cut a line short, the next writer ends that line first. A
 * writer opens the log when it is its turn, so a line goes to the file that has the log's name
 * then, even if the log was rotated while the writer waited.
 * Relies on: O_APPEND (open(2)): a write goes to the end also after a rotation has truncated the
 * file; readers need no lock.
 */

#include "store/log.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "config.h"
#include "store/statelock.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define LOG_MODE 0640

/* A group file is small; a directory service is not asked for it by anybody. */
#define LOG_GROUP_ROOM 65536

/* Its members may read logs, on Debian adm's; where there is none, root's group keeps it. */
static void log_give(int fd) {
        _cleanup_(freep) char *room = NULL;
        struct group group, *found = NULL;

        room = malloc(LOG_GROUP_ROOM);
        if (room && !getgrnam_r(LOG_GROUP, &group, room, LOG_GROUP_ROOM, &found) && found)
                (void)!fchown(fd, (uid_t)-1, group.gr_gid);
}

static int log_open(const char *path, int *ret_fd) {
        const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;
        _cleanup_(fd_closep) int fd = -1;
        struct stat st;

        fd = open(path, flags);
        if (fd < 0 && errno == ENOENT) {
                fd = open(path, flags | O_CREAT | O_EXCL, LOG_MODE);
                if (fd >= 0) {
                        (void)fchmod(fd, LOG_MODE); /* whatever the umask is */
                        log_give(fd);
                } else if (errno == EEXIST) {
                        fd = open(path, flags);
                }
        }
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;

        *ret_fd = fd_steal(&fd);
        return 0;
}

/* Wait for this writer's turn. */
static int log_lock(int folder_fd, uint64_t *patience, int *ret_fd) {
        uint64_t began = clock_now(CLOCK_MONOTONIC), waited;
        int r;

        r = statelock_take(folder_fd, STATELOCK_LOG, began + *patience, ret_fd);
        waited = clock_now(CLOCK_MONOTONIC) - began;
        *patience = r == -ETIMEDOUT || waited > *patience ? 0 : *patience - waited;
        return r;
}

/**
 * log_append() - add lines to the log, on disk when this returns
 * @folder_fd:  the state folder, which has the lock of all who append
 * @path:       the log, made where it is missing
 * @lines:      the lines, each with its newline
 * @size:       their bytes, written at once
 * @patience:   how long to wait for other writers, microseconds; 0: it is tried once
 *
 * What was waited is taken off @patience: whoever appends many times waits so long in total.
 *
 * Return: 0, or a negative errno (-EBADF: the log is not a file; -ETIMEDOUT: somebody else has the
 *         lock); then nothing of it is in the log, or it is there and may not outlast a power loss
 *         (-EIO).
 */
int log_append(int folder_fd, const char *path, const char *lines, size_t size,
               uint64_t *patience) {
        _cleanup_(fd_closep) int lock_fd = -1, fd = -1;
        struct iovec parts[2];
        int n_parts = 0;
        char newline = '\n', last;
        struct stat st;
        ssize_t n;
        int r;

        if (!size)
                return 0;
        r = log_lock(folder_fd, patience, &lock_fd);
        if (!r)
                r = log_open(path, &fd);
        if (r < 0)
                return r;
        if (fstat(fd, &st) < 0)
                return -errno;

        /* a line that a crash cut short is ended first */
        if (st.st_size && pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
                parts[n_parts++] = (struct iovec){ &newline, 1 };
        parts[n_parts++] = (struct iovec){ (char *)(uintptr_t)lines, size };

        n = writev(fd, parts, n_parts);
        if (n < 0)
                return -errno;
        if ((size_t)n != size + (n_parts == 2)) {
                (void)!ftruncate(fd, st.st_size);
                return -ENOSPC;
        }
        /* the next writer need not wait for the disk */
        lock_fd = fd_close(lock_fd);
        return fdatasync(fd) < 0 ? -errno : 0;
}

/**
 * log_probe() - tell whether lines could be appended
 * @path:       the log
 *
 * Nothing is written, and a log that is missing stays so: then a file could be made in its folder.
 *
 * Return: 0, or a negative errno, as log_append() has it.
 */
int log_probe(const char *path) {
        _cleanup_(freep) char *folder = strdup(path);
        _cleanup_(fd_closep) int fd = -1;

        if (!folder)
                return -ENOMEM;
        if (!access(path, F_OK))
                return log_open(path, &fd);
        fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : file_probe_at(fd);
}
