/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file of /etc that is to be changed.
 *
 * Owns: which files are not changed, because replacing them would change more than their bytes:
 * symbolic and hard links, and files that others than root may write. The new file gets the old
 * one's owner, mode and extended attributes (SELinux's label and access lists are such) before it
 * gets its name.
 * Relies on: rename(2). Until then the file is called .NAME.pam_traffic, which is the name of no
 * PAM service.
 */

#include "etcfile.h"

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#define ETCFILE_NAMES_MAX 4096
#define ETCFILE_VALUE_MAX 65536
#define ETCFILE_OTHERS (S_IWGRP | S_IWOTH)

static const char *etcfile_complaint(const struct stat *st, const struct stat *folder) {
        if (S_ISLNK(st->st_mode))
                return "it is a link to another file";
        if (!S_ISREG(st->st_mode))
                return "it is not a regular file";
        if (st->st_nlink > 1)
                return "it has another name (a hard link)";
        if (st->st_uid || folder->st_uid)
                return "it or its folder does not belong to root";
        if ((st->st_mode | folder->st_mode) & ETCFILE_OTHERS)
                return "users other than root can write to it or to its folder";
        return NULL;
}

/**
 * etcfile_open() - read a file that may be replaced
 * @path:       its absolute path
 * @maximum:    the most bytes it may have
 * @file:       the file, ETCFILE_INIT before; to be given to etcfile_close() in any case
 * @ret_reason: NULL, or why it is better left alone; then it was not read
 *
 * Return: 0, FILE_E_TOO_LARGE, or a negative errno.
 */
int etcfile_open(const char *path, size_t maximum, struct etcfile *file, const char **ret_reason) {
        const char *slash = strrchr(path, '/');
        _cleanup_(freep) char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
        struct stat named, above;

        if (!folder)
                return slash ? -ENOMEM : -EINVAL;
        file->name = strdup(slash + 1);
        if (!file->name)
                return -ENOMEM;
        file->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (file->folder_fd < 0 || fstat(file->folder_fd, &above) < 0 ||
            fstatat(file->folder_fd, file->name, &named, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        *ret_reason = etcfile_complaint(&named, &above);
        if (*ret_reason)
                return 0;
        file->fd = openat(file->folder_fd, file->name,
                          O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
        if (file->fd < 0 || fstat(file->fd, &file->st) < 0)
                return -errno;
        *ret_reason = etcfile_complaint(&file->st, &above);
        return *ret_reason ? 0 : file_read(file->fd, maximum, &file->data, &file->size);
}

/**
 * etcfile_close() - forget a file
 * @file:       the file
 */
void etcfile_close(struct etcfile *file) {
        file->fd = fd_close(file->fd);
        file->folder_fd = fd_close(file->folder_fd);
        free(file->name);
        free(file->data);
        *file = (struct etcfile)ETCFILE_INIT;
}

/* All of them, or none: a file with a wrong label is worse than none (SELinux). */
static int etcfile_copy_attributes(int from, int to) {
        _cleanup_(freep) char *names = malloc(ETCFILE_NAMES_MAX);
        _cleanup_(freep) char *value = malloc(ETCFILE_VALUE_MAX);
        ssize_t size;

        if (!names || !value)
                return -ENOMEM;
        size = flistxattr(from, names, ETCFILE_NAMES_MAX);
        if (size < 0)
                return errno == ENOTSUP ? 0 : -errno;
        for (const char *name = names; name < names + size; name += strlen(name) + 1) {
                ssize_t n = fgetxattr(from, name, value, ETCFILE_VALUE_MAX);

                if (n < 0 || fsetxattr(to, name, value, (size_t)n, 0) < 0)
                        return -errno;
        }
        return 0;
}

static int etcfile_write(const struct etcfile *file, int fd, const char *data, size_t size) {
        int r = file_write(fd, data, size);

        if (r < 0)
                return r;
        if (fchown(fd, file->st.st_uid, file->st.st_gid) < 0 ||
            fchmod(fd, file->st.st_mode & 07777) < 0)
                return -errno;
        return etcfile_copy_attributes(file->fd, fd);
}

/* Whether the name still stands for what was read. */
static bool etcfile_is_current(const struct etcfile *file) {
        struct stat st;

        return !fstatat(file->folder_fd, file->name, &st, AT_SYMLINK_NOFOLLOW) &&
               st.st_ino == file->st.st_ino && st.st_dev == file->st.st_dev &&
               st.st_size == file->st.st_size && st.st_mtim.tv_sec == file->st.st_mtim.tv_sec &&
               st.st_mtim.tv_nsec == file->st.st_mtim.tv_nsec;
}

/**
 * etcfile_replace() - give a file other bytes, all of them or none
 * @file:       the file, as it was read; the caller has the lock of those who replace it
 * @data:       the bytes
 * @size:       how many
 *
 * Return: 0, -ESTALE if somebody else changed it meanwhile, or another negative errno; then it is
 *         as it was.
 */
int etcfile_replace(const struct etcfile *file, const char *data, size_t size) {
        _cleanup_(fd_closep) int fd = -1;
        char name[NAME_MAX + 1];
        int n, r;

        n = snprintf(name, sizeof(name), ".%s.pam_traffic", file->name);
        if (n < 0 || (size_t)n >= sizeof(name))
                return -ENAMETOOLONG;
        /* what a crash left */
        (void)unlinkat(file->folder_fd, name, 0);
        fd = openat(file->folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                    0600);
        if (fd < 0)
                return -errno;
        r = etcfile_write(file, fd, data, size);
        if (!r && fsync(fd) < 0)
                r = -errno;
        if (!r && !etcfile_is_current(file))
                r = -ESTALE;
        if (!r && renameat(file->folder_fd, name, file->folder_fd, file->name) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlinkat(file->folder_fd, name, 0);
                return r;
        }
        return fsync(file->folder_fd) < 0 ? -errno : 0;
}

/**
 * etcfile_compare() - look whether a file has certain bytes now
 * @file:       the file
 * @data:       the bytes
 * @size:       how many
 *
 * Return: 0 if so, 1 if not, or a negative errno.
 */
int etcfile_compare(const struct etcfile *file, const char *data, size_t size) {
        _cleanup_(freep) char *found = NULL;
        size_t found_size;
        int r;

        r = file_read_at(file->folder_fd, file->name, size + 1, &found, &found_size);
        if (r)
                return r;
        return found_size != size || memcmp(found, data, size) != 0;
}
