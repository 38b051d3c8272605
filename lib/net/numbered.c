/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Walking through a folder of /proc whose entries are numbers.
 *
 * Relies on: proc(5). Other entries, as /proc itself has, are passed over. Processes and
 * descriptors come and go meanwhile.
 */

#include "net/numbered.h"

#include "base/cleanup.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

/**
 * numbered_open() - begin a walk
 * @directory_fd:       where @path begins; it is opened anew, as the place in a folder belongs to
 *                      the open file
 * @path:               the folder
 * @ret_numbered:       to be given to numbered_closep()
 *
 * Return: 0, or a negative errno.
 */
int numbered_open(int directory_fd, const char *path, struct numbered *ret_numbered) {
        _cleanup_(fd_closep) int fd = -1;
        DIR *folder;

        fd = openat(directory_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        folder = fdopendir(fd);
        if (!folder)
                return -errno;
        (void)fd_steal(&fd);
        ret_numbered->folder = folder;
        return 0;
}

/**
 * numbered_next() - go on to the next number
 * @numbered:           the walk
 * @ret_number:         the number, 0 or more
 * @ret_name:           as it is written in the folder, until the next call
 *
 * Return: 0, -ENOENT after the last one, or another negative errno.
 */
int numbered_next(const struct numbered *numbered, int *ret_number, const char **ret_name) {
        const struct dirent *entry;
        uint64_t number;

        while (errno = 0, (entry = readdir(numbered->folder))) {
                if (number_parse(entry->d_name, strlen(entry->d_name), 10, INT_MAX, &number) < 0)
                        continue;
                *ret_number = (int)number;
                *ret_name = entry->d_name;
                return 0;
        }
        return errno ? -errno : -ENOENT;
}
