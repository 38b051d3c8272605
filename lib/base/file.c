/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whole files: reading one with a size limit, replacing one in a single step.
 *
 * Relies on: rename(2) replaces atomically; after fsync(2) of the file and then of the folder, the
 * file survives a power loss.
 */

#include "base/file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_CHUNK 4096

/**
 * file_read_some() - read what a descriptor gives, at most that much
 * @fd:         the descriptor
 * @data:       takes the bytes
 * @size:       the most of them
 *
 * Return: how many, 0 at the end, or a negative errno; a signal is none.
 */
ssize_t file_read_some(int fd, char *data, size_t size) {
        ssize_t n;

        do
                n = read(fd, data, size);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

/**
 * file_read_some_from() - likewise, from an offset
 * @fd:         the descriptor
 * @data:       takes the bytes
 * @size:       the most of them
 * @offset:     where they begin
 *
 * Return: how many, 0 at the end, or a negative errno; a signal is none.
 */
ssize_t file_read_some_from(int fd, char *data, size_t size, int64_t offset) {
        ssize_t n;

        do
                n = pread(fd, data, size, offset);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

/**
 * file_read() - read everything that a descriptor gives
 * @fd:         the descriptor, read from where it stands to its end
 * @maximum:    the most bytes it may have
 * @ret_data:   the bytes and a NUL behind them; the caller frees them
 * @ret_size:   how many bytes, without that NUL
 *
 * /proc files have no size, so the room grows as they are read.
 *
 * Return: 0, FILE_E_TOO_LARGE, or a negative errno.
 */
int file_read(int fd, size_t maximum, char **ret_data, size_t *ret_size) {
        _cleanup_(freep) char *data = NULL;
        size_t size = 0, room = 0;

        for (;;) {
                ssize_t n;

                if (room - size < FILE_CHUNK) {
                        char *larger;

                        room = room ? room * 2 : 2 * FILE_CHUNK;
                        larger = realloc(data, room + 1);
                        if (!larger)
                                return -ENOMEM;
                        data = larger;
                }

                n = file_read_some(fd, data + size, room - size);
                if (n < 0)
                        return (int)n;
                if (!n)
                        break;
                size += (size_t)n;
                if (size > maximum)
                        return FILE_E_TOO_LARGE;
        }

        data[size] = '\0';
        *ret_data = pointer_steal(&data);
        *ret_size = size;
        return 0;
}

/**
 * file_read_at() - read a whole file
 * @directory_fd:       the folder
 * @path:               the file's path from there
 * @maximum:            the most bytes it may have
 * @ret_data:           the bytes and a NUL behind them; the caller frees them
 * @ret_size:           how many bytes, without that NUL
 *
 * Return: 0, FILE_E_TOO_LARGE, or a negative errno.
 */
int file_read_at(int directory_fd, const char *path, size_t maximum, char **ret_data,
                 size_t *ret_size) {
        _cleanup_(fd_closep) int fd = -1;

        fd = openat(directory_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        return file_read(fd, maximum, ret_data, ret_size);
}

/**
 * file_write() - write all of it
 * @fd:         the descriptor
 * @data:       the bytes
 * @size:       how many
 *
 * Return: 0, or a negative errno; then some of it may be written.
 */
int file_write(int fd, const char *data, size_t size) {
        while (size) {
                ssize_t n = write(fd, data, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t)n;
        }
        return 0;
}

/**
 * file_replace_at() - write a file so that it is there as a whole or not at all
 * @directory_fd:       the folder
 * @name:               the file's name, no path; <name>.tmp is used on the way
 * @data:               the bytes
 * @size:               how many
 * @sync:               whether it must outlast a power loss when this returns
 *
 * Mode 0600. The caller sees to it that nobody else writes that name at the same time.
 *
 * Return: 0, or a negative errno; then the old file is as it was.
 */
int file_replace_at(int directory_fd, const char *name, const char *data, size_t size, bool sync) {
        _cleanup_(fd_closep) int fd = -1;
        char temporary[NAME_MAX + 1];
        int n, r;

        n = snprintf(temporary, sizeof(temporary), "%s.tmp", name);
        if (n < 0 || (size_t)n >= sizeof(temporary))
                return -ENAMETOOLONG;

        fd = openat(directory_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                    0600);
        if (fd < 0)
                return -errno;

        r = file_write(fd, data, size);
        if (!r && sync && fsync(fd) < 0)
                r = -errno;
        if (!r && renameat(directory_fd, temporary, directory_fd, name) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlinkat(directory_fd, temporary, 0);
                return r;
        }

        if (sync && fsync(directory_fd) < 0)
                return -errno;
        return 0;
}

/**
 * file_probe_at() - tell whether a file could be written in a folder
 * @directory_fd:       the folder
 *
 * A file without a name gets one byte (open(2), O_TMPFILE): the folder does not change, and
 * nothing is left, however this ends. Where the file system has no such files, faccessat(2) tells.
 *
 * Return: 0, or a negative errno.
 */
int file_probe_at(int directory_fd) {
        _cleanup_(fd_closep) int fd = -1;
        ssize_t n;

        fd = openat(directory_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
        if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
                return faccessat(directory_fd, ".", W_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
        if (fd < 0)
                return -errno;
        n = write(fd, "", 1);
        return n == 1 ? 0 : n < 0 ? -errno : -ENOSPC;
}
