/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where files of the state folder are written while its file system is full.
 */

#include "store/overflow.h"

#include "base/cleanup.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define OVERFLOW_PATH_MAX 256

/**
 * overflow_is_for() - tell whether a file is to be written there instead
 * @error:      what writing it to the state folder returned
 *
 * Return: true if the file system has no room.
 */
bool overflow_is_for(int error) {
        return error == -ENOSPC || error == -EDQUOT;
}

static int overflow_make(const char *folder, const char *path) {
        if ((mkdir(PATH_RUN, 0700) < 0 && errno != EEXIST) ||
            (mkdir(folder, 0700) < 0 && errno != EEXIST) ||
            (mkdir(path, 0700) < 0 && errno != EEXIST))
                return -errno;
        return 0;
}

/**
 * overflow_open() - open the folder of a kind of files
 * @folder_fd:  the state folder
 * @kind:       the kind's folder in there
 * @make:       whether it is made where it is missing
 * @ret_fd:     the folder
 *
 * Return: 0, or a negative errno: -ENOENT if it is missing.
 */
int overflow_open(int folder_fd, const char *kind, bool make, int *ret_fd) {
        char folder[OVERFLOW_PATH_MAX], path[OVERFLOW_PATH_MAX];
        struct stat st;
        int fd, r;

        if (fstat(folder_fd, &st) < 0)
                return -errno;
        (void)snprintf(folder, sizeof(folder), PATH_RUN "/%jx-%jx", (uintmax_t)st.st_dev,
                       (uintmax_t)st.st_ino);
        r = snprintf(path, sizeof(path), "%s/%s", folder, kind);
        if (r < 0 || (size_t)r >= sizeof(path))
                return -ENAMETOOLONG;
        r = make ? overflow_make(folder, path) : 0;
        if (r < 0)
                return r;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        return 0;
}

/**
 * overflow_has() - tell whether a file is there
 * @folder_fd:  the state folder
 * @kind:       the kind's folder
 * @name:       the file's name
 *
 * Return: true if so: then it is newer than what the state folder may have of that name.
 */
bool overflow_has(int folder_fd, const char *kind, const char *name) {
        _cleanup_(fd_closep) int fd = -1;

        return !overflow_open(folder_fd, kind, false, &fd) &&
               !faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW);
}
