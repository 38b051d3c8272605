/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The record log: finding out whether a line is there.
 *
 * Owns: where a line can be that was appended after a known position, whatever rotation did since.
 * It is in the same file after that position. If that file was renamed, it is a neighbour (log.1);
 * then the line may also be anywhere in the file that has the log's name now. If the file was
 * copied and truncated, the line may be in any neighbour.
 * Does not: look into compressed files. There is only a minute between a crash and the next reap.
 */

#include "store/log.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOG_CHUNK ((size_t)1 << 20)

/**
 * logfind_position() - tell where the log ends now
 * @path:               the log
 * @ret_position:       the place
 */
void logfind_position(const char *path, struct logfind_position *ret_position) {
        struct stat st;

        *ret_position = (struct logfind_position){ .inode = -1 };
        if (!lstat(path, &st))
                *ret_position =
                        (struct logfind_position){ (int64_t)st.st_ino, (int64_t)st.st_size };
}

/* Look for a text from an offset to the file's end. */
static int logfind_search(int fd, int64_t offset, const char *text, bool *ret_found) {
        _cleanup_(freep) char *room = NULL;
        size_t length = strlen(text), kept = 0;

        room = malloc(LOG_CHUNK + length);
        if (!room)
                return -ENOMEM;
        for (;;) {
                ssize_t n = file_read_some_from(fd, room + kept, LOG_CHUNK, offset);

                if (n < 0)
                        return (int)n;
                if (!n)
                        return 0;
                if (memmem(room, kept + (size_t)n, text, length)) {
                        *ret_found = true;
                        return 0;
                }
                /* the text may lie across two chunks */
                offset += n;
                kept += (size_t)n;
                if (kept >= length) {
                        memmove(room, room + kept - (length - 1), length - 1);
                        kept = length - 1;
                }
        }
}

/**
 * logfind_is_compressed() - tell whether a rotated log is an archive
 * @name:       its name
 *
 * Return: true if it ends like one.
 */
bool logfind_is_compressed(const char *name) {
        static const char *const endings[] = { ".gz", ".xz", ".zst", ".bz2" };
        size_t n = strlen(name);

        for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
                size_t m = strlen(endings[i]);

                if (n > m && !strcmp(name + n - m, endings[i]))
                        return true;
        }
        return false;
}

/* What is known of the log's folder when a search begins. */
struct log_folder {
        int fd;
        const char *name; /* of the log */
        const struct logfind_position *from;
        const char *text;
        bool truncated; /* the file is shorter than it was */
        bool *found;
};

static int logfind_search_neighbour(const struct log_folder *folder, const char *name) {
        bool current = !strcmp(name, folder->name);
        _cleanup_(fd_closep) int fd = -1;
        int64_t offset = 0;
        struct stat st;

        fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return errno == ENOENT || errno == ELOOP ? 0 : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return 0;

        if ((int64_t)st.st_ino == folder->from->inode && !folder->truncated)
                offset = folder->from->offset;
        else if (!current && folder->from->inode >= 0 && !folder->truncated)
                return 0; /* it was a neighbour already then */
        return logfind_search(fd, offset, folder->text, folder->found);
}

/**
 * logfind_text() - tell whether a text was appended since
 * @path:       the log
 * @from:       where it ended before
 * @text:       the text, at least one byte
 * @ret_found:  whether it is there
 *
 * Return: 0, or a negative errno: then nobody knows.
 */
int logfind_text(const char *path, const struct logfind_position *from, const char *text,
                 bool *ret_found) {
        const char *slash = strrchr(path, '/');
        struct log_folder folder = { .fd = -1, .from = from, .text = text };
        struct dirent **entries = NULL;
        _cleanup_(fd_closep) int fd = -1;
        char directory[PATH_MAX];
        bool found = false;
        struct stat st;
        int n, r = 0;

        if (!slash || (size_t)(slash - path) >= sizeof(directory))
                return -EINVAL;
        (void)snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
        folder.name = slash + 1;
        folder.found = &found;
        if (!lstat(path, &st) && (int64_t)st.st_ino == from->inode)
                folder.truncated = st.st_size < from->offset;

        fd = open(*directory ? directory : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? (*ret_found = false, 0) : -errno;
        folder.fd = fd;
        n = scandirat(fd, ".", &entries, NULL, alphasort);
        if (n < 0)
                return -errno;
        for (int i = 0; i < n; i++) {
                const char *name = entries[i]->d_name;

                if (!r && !found && !strncmp(name, folder.name, strlen(folder.name)) &&
                    !logfind_is_compressed(name))
                        r = logfind_search_neighbour(&folder, name);
                free(entries[i]);
        }
        free(entries);
        if (!r)
                *ret_found = found;
        return r;
}
