/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file of the state folder.
 *
 * Owns: where the file is. If the state folder has no room, the file is in the overflow until there
 * is room again. If both have a file, the newer one counts, which is that of the overflow. The one
 * in the state folder is then marked as outdated by its mode, which needs no room; this mark
 * outlasts a reboot, and the overflow does not.
 * Relies on: rename(2); the caller holds the lock of the session or port (statefolder.c).
 */

#include "store/statefile.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "store/overflow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATEFILE_OUTDATED                                                     \
        0400 /* the mode of one of which the overflow has, or had, a newer one \
              */

/**
 * statefile_new() - make an object of which nothing is known
 * @kind:       of what
 * @ret_object: the object; free its fields with fields_free(), and it with free()
 *
 * Return: 0 or -ENOMEM.
 */
int statefile_new(const struct statefile_kind *kind, void **ret_object) {
        char *object;

        object = calloc(1, kind->object_size);
        if (!object)
                return -ENOMEM;
        for (size_t i = 0; i < kind->n_fields; i++)
                if (kind->fields[i].kind == FIELD_NUMBER)
                        *(int64_t *)(void *)(object + kind->fields[i].offset) = FIELD_UNKNOWN;
        *ret_object = object;
        return 0;
}

/**
 * statefile_encode() - write an object as JSON
 * @kind:       of what
 * @object:     the object
 * @ret_data:   the bytes; the caller frees them
 * @ret_size:   how many
 *
 * Return: 0 or -ENOMEM.
 */
int statefile_encode(const struct statefile_kind *kind, const void *object, char **ret_data,
                     size_t *ret_size) {
        json_auto_t *json = NULL;
        char *data;
        int r;

        r = fields_encode(kind->fields, kind->n_fields, object, &json);
        if (r < 0)
                return r;
        data = json_dumps(json, JSON_INDENT(1));
        if (!data)
                return -ENOMEM;
        *ret_data = data;
        *ret_size = strlen(data);
        return 0;
}

/**
 * statefile_decode() - read an object from JSON
 * @kind:       of what
 * @data:       the bytes, hostile
 * @size:       how many
 * @object:     the object, of statefile_new()
 * @ret_field:  for STATE_E_INVALID: the key at fault, or "JSON" if it is none
 *
 * Return: 0, STATE_E_INVALID or -ENOMEM.
 */
int statefile_decode(const struct statefile_kind *kind, const char *data, size_t size, void *object,
                     const char **ret_field) {
        json_auto_t *json = NULL;
        int r;

        *ret_field = "JSON";
        json = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(json))
                return STATE_E_INVALID;
        r = fields_decode(kind->fields, kind->n_fields, json, object, ret_field);
        return r < 0 && r != -ENOMEM ? STATE_E_INVALID : r;
}

static void statefile_path(const struct statefile_kind *kind, const char *name,
                           char path[static STATEFILE_NAME_MAX]) {
        (void)snprintf(path, STATEFILE_NAME_MAX, "%s/%s", kind->folder, name);
}

/* STATE_E_INVALID: something else has its name, a folder or a link, say. */
static int statefile_open_at(int folder_fd, const char *path, int *ret_fd) {
        _cleanup_(fd_closep) int fd = -1;
        struct stat st;

        fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT)
                return STATE_E_NOT_FOUND;
        if (fd < 0)
                return errno == ELOOP || errno == ENXIO ? STATE_E_INVALID : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return STATE_E_INVALID;
        *ret_fd = fd_steal(&fd);
        return 0;
}

static bool statefile_is_newer(int fd, int than_fd) {
        struct stat st, than;

        if (fstat(fd, &st) < 0 || fstat(than_fd, &than) < 0)
                return false;
        return st.st_mtim.tv_sec != than.st_mtim.tv_sec ? st.st_mtim.tv_sec > than.st_mtim.tv_sec
                                                        : st.st_mtim.tv_nsec > than.st_mtim.tv_nsec;
}

static int statefile_open(const struct statefile_kind *kind, int folder_fd, const char *name,
                          int *ret_fd) {
        _cleanup_(fd_closep) int overflow_fd = -1, kept_fd = -1, fd = -1;
        char path[STATEFILE_NAME_MAX];
        int r, overflow = STATE_E_NOT_FOUND;

        if (!overflow_open(folder_fd, kind->folder, false, &overflow_fd))
                overflow = statefile_open_at(overflow_fd, name, &kept_fd);
        statefile_path(kind, name, path);
        r = statefile_open_at(folder_fd, path, &fd);
        if (!overflow && (r || !statefile_is_newer(fd, kept_fd))) {
                *ret_fd = fd_steal(&kept_fd);
                return 0;
        }
        if (!r)
                *ret_fd = fd_steal(&fd);
        return r;
}

/**
 * statefile_is_outdated() - tell whether a newer one had no room in the state folder, and is lost
 * @kind:       of what
 * @folder_fd:  the state folder
 * @name:       its name in the folder of its kind
 *
 * Return: true if so, while there is none in the overflow.
 */
bool statefile_is_outdated(const struct statefile_kind *kind, int folder_fd, const char *name) {
        char path[STATEFILE_NAME_MAX];
        struct stat st;

        statefile_path(kind, name, path);
        return !fstatat(folder_fd, path, &st, AT_SYMLINK_NOFOLLOW) &&
               (st.st_mode & 0777) == STATEFILE_OUTDATED &&
               !overflow_has(folder_fd, kind->folder, name);
}

/**
 * statefile_read() - read a file
 * @kind:       of what
 * @folder_fd:  the state folder
 * @name:       its name in the folder of its kind
 * @ret_data:   the bytes, hostile; the caller frees them
 * @ret_size:   how many
 * @ret_field:  for STATE_E_INVALID: what is wrong
 *
 * Return: 0, STATE_E_NOT_FOUND, STATE_E_INVALID, or a negative errno.
 */
int statefile_read(const struct statefile_kind *kind, int folder_fd, const char *name,
                   char **ret_data, size_t *ret_size, const char **ret_field) {
        _cleanup_(fd_closep) int fd = -1;
        int r;

        *ret_field = "no file";
        r = statefile_open(kind, folder_fd, name, &fd);
        if (r)
                return r;
        r = file_read(fd, kind->limit, ret_data, ret_size);
        if (r != FILE_E_TOO_LARGE)
                return r;
        *ret_field = "size";
        return STATE_E_INVALID;
}

/* Write to the state folder. Return: 0, or a negative errno. */
static int statefile_put(const struct statefile_kind *kind, int folder_fd, const char *name,
                         const char *data, size_t size, bool sync) {
        const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
        _cleanup_(fd_closep) int kind_fd = -1;

        kind_fd = openat(folder_fd, kind->folder, flags);
        if (kind_fd < 0 && errno == ENOENT) {
                if (mkdirat(folder_fd, kind->folder, 0700) < 0 && errno != EEXIST)
                        return -errno;
                kind_fd = openat(folder_fd, kind->folder, flags);
        }
        if (kind_fd < 0)
                return -errno;
        return file_replace_at(kind_fd, name, data, size, sync);
}

/* Write to the overflow. */
static int statefile_overflow(const struct statefile_kind *kind, int folder_fd, const char *name,
                              const char *data, size_t size) {
        _cleanup_(fd_closep) int fd = -1;
        char path[STATEFILE_NAME_MAX];
        int r;

        r = overflow_open(folder_fd, kind->folder, true, &fd);
        if (!r)
                r = file_replace_at(fd, name, data, size, false);
        if (r < 0)
                return r;
        statefile_path(kind, name, path);
        /* there is none of one that began without room */
        if (fchmodat(folder_fd, path, STATEFILE_OUTDATED, 0) < 0 && errno != ENOENT)
                return -errno;
        return 0;
}

/* What was in the overflow is in the state folder now. */
static void statefile_leave_overflow(const struct statefile_kind *kind, int folder_fd,
                                     const char *name) {
        _cleanup_(fd_closep) int fd = -1;

        if (!overflow_open(folder_fd, kind->folder, false, &fd))
                (void)unlinkat(fd, name, 0);
}

/**
 * statefile_write() - write a file, as a whole or not at all
 * @kind:       of what
 * @folder_fd:  the state folder; that of the kind is made where it is missing
 * @name:       its name in the folder of its kind
 * @data:       the bytes
 * @size:       how many
 * @sync:       whether it must outlast a power loss when this returns; one that has no room there
 *              does not
 *
 * Return: 0, or a negative errno; then what stood there before still does.
 */
int statefile_write(const struct statefile_kind *kind, int folder_fd, const char *name,
                    const char *data, size_t size, bool sync) {
        int r = statefile_put(kind, folder_fd, name, data, size, sync);

        if (!r)
                statefile_leave_overflow(kind, folder_fd, name);
        else if (overflow_is_for(r) && !statefile_overflow(kind, folder_fd, name, data, size))
                return 0;
        return r;
}

static int statefile_set_aside_at(int folder_fd, const char *path) {
        char aside[STATEFILE_NAME_MAX + sizeof(".damaged")];

        (void)snprintf(aside, sizeof(aside), "%s.damaged", path);
        return renameat(folder_fd, path, folder_fd, aside) < 0 ? -errno : 0;
}

/**
 * statefile_set_aside() - put a damaged file out of the way, for the admin to look at
 * @kind:       of what
 * @folder_fd:  the state folder
 * @name:       its name in the folder of its kind
 *
 * Return: 0, or a negative errno; its new name ends in .damaged.
 */
int statefile_set_aside(const struct statefile_kind *kind, int folder_fd, const char *name) {
        _cleanup_(fd_closep) int overflow_fd = -1;
        char path[STATEFILE_NAME_MAX];
        int r, overflow = -ENOENT;

        statefile_path(kind, name, path);
        r = statefile_set_aside_at(folder_fd, path);
        if (!overflow_open(folder_fd, kind->folder, false, &overflow_fd))
                overflow = statefile_set_aside_at(overflow_fd, name);
        return r == -ENOENT ? overflow : r;
}

/**
 * statefile_is_aside() - tell whether a file was put out of the way
 * @kind:       of what
 * @folder_fd:  the state folder
 * @name:       the name that it had
 *
 * Return: true if it was.
 */
bool statefile_is_aside(const struct statefile_kind *kind, int folder_fd, const char *name) {
        char path[STATEFILE_NAME_MAX], aside[STATEFILE_NAME_MAX + sizeof(".damaged")];

        statefile_path(kind, name, path);
        (void)snprintf(aside, sizeof(aside), "%s.damaged", path);
        return !faccessat(folder_fd, aside, F_OK, AT_SYMLINK_NOFOLLOW) ||
               overflow_has(folder_fd, kind->folder, strchr(aside, '/') + 1);
}

static int statefile_remove_at(int folder_fd, const char *path) {
        char temporary[STATEFILE_NAME_MAX + sizeof(".tmp")];

        /* what a helper that was killed while it wrote may have left */
        (void)snprintf(temporary, sizeof(temporary), "%s.tmp", path);
        (void)unlinkat(folder_fd, temporary, 0);
        return unlinkat(folder_fd, path, 0) < 0 ? -errno : 0;
}

/**
 * statefile_remove() - remove a file
 * @kind:       of what
 * @folder_fd:  the state folder
 * @name:       its name in the folder of its kind
 *
 * That of the overflow goes last: without it, an older one would be the one that counts.
 *
 * Return: 0; STATE_E_NOT_FOUND if it was not there; or a negative errno.
 */
int statefile_remove(const struct statefile_kind *kind, int folder_fd, const char *name) {
        _cleanup_(fd_closep) int overflow_fd = -1;
        char path[STATEFILE_NAME_MAX];
        int r, overflow = -ENOENT;

        statefile_path(kind, name, path);
        r = statefile_remove_at(folder_fd, path);
        if (r < 0 && r != -ENOENT)
                return r;
        if (!overflow_open(folder_fd, kind->folder, false, &overflow_fd))
                overflow = statefile_remove_at(overflow_fd, name);
        if (overflow < 0 && overflow != -ENOENT)
                return overflow;
        return r && overflow ? STATE_E_NOT_FOUND : 0;
}

static void closedirp(DIR **folder) {
        if (*folder)
                (void)closedir(*folder);
}

/* Take each name of a folder that another one has not. Owns @fd. */
static int statefile_list_at(int fd, int but_fd, int (*take)(const char *name, void *data),
                             void *data) {
        _cleanup_(closedirp) DIR *folder = fdopendir(fd);
        const struct dirent *entry;
        int r;

        if (!folder) {
                r = -errno;
                (void)fd_close(fd);
                return r;
        }
        while (errno = 0, (entry = readdir(folder))) {
                if (but_fd >= 0 && !faccessat(but_fd, entry->d_name, F_OK, AT_SYMLINK_NOFOLLOW))
                        continue;
                r = take(entry->d_name, data);
                if (r)
                        return r;
        }
        return -errno;
}

/**
 * statefile_list() - look at the names in the folder of a kind
 * @kind:       the kind; its folder may be missing
 * @folder_fd:  the state folder
 * @take:       gets each name, of a file of the kind or not; what it returns ends the walk if it is
 *              not 0
 * @data:       for @take
 *
 * Return: 0, what @take returned, or a negative errno.
 */
int statefile_list(const struct statefile_kind *kind, int folder_fd,
                   int (*take)(const char *name, void *data), void *data) {
        _cleanup_(fd_closep) int kind_fd = -1;
        int fd, r = 0;

        kind_fd = openat(folder_fd, kind->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (kind_fd < 0 && errno != ENOENT)
                return -errno;
        if (!overflow_open(folder_fd, kind->folder, false, &fd))
                r = statefile_list_at(fd, kind_fd, take, data);
        return r || kind_fd < 0 ? r : statefile_list_at(fd_steal(&kind_fd), -1, take, data);
}
