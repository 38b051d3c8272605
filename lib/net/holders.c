/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sockets of all processes: one pass over /proc/<pid>/fd.
 *
 * Owns: the pass, and the form of a socket's link.
 * Relies on: sockfs_dname() in net/socket.c writes "socket:[<inode>]"; proc(5); getdents64(2).
 * Processes and descriptors come and go meanwhile: what is gone is passed over.
 * Does not: look at threads that have descriptors of their own (CLONE_FILES not set).
 */

#include "net/holders.h"

#include "pam_traffic/cleanup.h"
#include "pam_traffic/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define HOLDERS_PART (32 * 1024)
#define HOLDERS_LINK_MAX 64

static const char holders_begin[] = "socket:[";

/**
 * holders_link_parse() - read where a descriptor's link leads
 * @link:       its text, which needs no NUL
 * @size:       how many bytes
 * @ret_inode:  the socket's inode
 *
 * Return: true if it is a socket.
 */
bool holders_link_parse(const char *link, size_t size, uint64_t *ret_inode) {
        const size_t begin = sizeof(holders_begin) - 1;

        return size > begin && !memcmp(link, holders_begin, begin) && link[size - 1] == ']' &&
               number_parse(link + begin, size - begin - 1, 10, UINT64_MAX, ret_inode) == 0;
}

/* The name of a process or a descriptor. */
static bool holders_number(const char *name, uint64_t *ret_number) {
        return number_parse(name, strlen(name), 10, INT_MAX, ret_number) == 0;
}

struct holders_folder {
        int fd;
        size_t at, size;
        char part[HOLDERS_PART] __attribute__((aligned(8)));
};

static int holders_next(struct holders_folder *folder, const char **ret_name) {
        const struct dirent64 *entry;
        ssize_t n;

        if (folder->at == folder->size) {
                n = getdents64(folder->fd, folder->part, sizeof(folder->part));
                if (n <= 0)
                        return n < 0 ? -errno : -ENOENT;
                folder->at = 0;
                folder->size = (size_t)n;
        }
        entry = (const struct dirent64 *)(const void *)(folder->part + folder->at);
        folder->at += entry->d_reclen;
        *ret_name = entry->d_name;
        return 0;
}

static void holders_process(struct holders_folder *fds, pid_t pid, holders_take take,
                            void *context) {
        char link[HOLDERS_LINK_MAX];
        const char *name = "";

        fds->at = fds->size = 0;
        while (!holders_next(fds, &name)) {
                uint64_t inode;
                ssize_t n;

                if (*name == '.')
                        continue;
                n = readlinkat(fds->fd, name, link, sizeof(link));
                if (n > 0 && holders_link_parse(link, (size_t)n, &inode))
                        take(context, pid, inode);
        }
}

static void holders_freep(struct holders_folder **folder) {
        if (*folder)
                (void)fd_close((*folder)->fd);
        free(*folder);
}

static struct holders_folder *holders_folder_new(int fd) {
        struct holders_folder *folder = malloc(sizeof(*folder));

        if (folder) {
                folder->fd = fd;
                folder->at = folder->size = 0;
        }
        return folder;
}

/**
 * holders_of() - look through the descriptors of one process
 * @process_fd:         its folder in /proc
 * @pid:                its number, handed on
 * @take:               told each socket
 * @context:            handed to @take
 *
 * Return: 0, or a negative errno if it does not let us look.
 */
int holders_of(int process_fd, pid_t pid, holders_take take, void *context) {
        _cleanup_(holders_freep) struct holders_folder *fds = NULL;
        int fd = openat(process_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        fds = holders_folder_new(fd);
        if (!fds) {
                (void)fd_close(fd);
                return -ENOMEM;
        }
        holders_process(fds, pid, take, context);
        return 0;
}

/**
 * holders_walk() - look through the descriptors of all processes
 * @proc_fd:            an open /proc
 * @take:               told each socket
 * @context:            handed to @take
 * @ret_unreadable:     how many processes do not let us look
 *
 * Return: 0, or a negative errno if there are no processes to be seen at all.
 */
int holders_walk(int proc_fd, holders_take take, void *context, uint64_t *ret_unreadable) {
        _cleanup_(holders_freep) struct holders_folder *processes = NULL, *fds = NULL;
        char path[sizeof("/fd") + 3 * sizeof(uint64_t)];
        uint64_t pid, unreadable = 0;
        const char *name = NULL;
        int fd, r;

        /* of its own, as the place in the folder is the descriptor's */
        fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        processes = holders_folder_new(fd);
        if (!processes) {
                (void)fd_close(fd);
                return -ENOMEM;
        }
        fds = holders_folder_new(-1);
        if (!fds)
                return -ENOMEM;

        while (!(r = holders_next(processes, &name))) {
                if (!holders_number(name, &pid))
                        continue;
                (void)snprintf(path, sizeof(path), "%u/fd", (unsigned int)pid);
                fds->fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fds->fd < 0) {
                        unreadable += errno == EACCES || errno == EPERM;
                        continue;
                }
                holders_process(fds, (pid_t)pid, take, context);
                fds->fd = fd_close(fds->fd);
        }
        if (r != -ENOENT)
                return r;

        *ret_unreadable = unreadable;
        return 0;
}
