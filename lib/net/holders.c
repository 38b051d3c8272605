/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sockets that all processes have open: a pass over /proc/<pid>/fd.
 *
 * Owns: the pass.
 * Relies on: a socket is an inode of sockfs, the kernel's own file system for sockets, whose device
 * no other file has. So the file of a Unix socket in a folder (unix(7)), opened with O_PATH, is not
 * taken for a socket. statx(2) of a descriptor's link is cheaper than to read the link, and with
 * AT_STATX_DONT_SYNC it does not wait for the server of a remote file. proc(5); getdents64(2);
 * kcmp(2).
 * Processes and descriptors come and go meanwhile: those that are gone are skipped.
 */

#include "net/holders.h"

#include "base/cleanup.h"
#include "base/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#define HOLDERS_PART (32 * 1024)
#define HOLDERS_PATH_MAX 64

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

static void holders_folder_freep(struct holders_folder **folder) {
        if (*folder)
                (void)fd_close((*folder)->fd);
        free(*folder);
}

/* Owns @fd, also where it fails. */
static struct holders_folder *holders_folder_new(int fd) {
        struct holders_folder *folder = malloc(sizeof(*folder));

        if (!folder) {
                (void)fd_close(fd);
                return NULL;
        }
        folder->fd = fd;
        folder->at = folder->size = 0;
        return folder;
}

/* What is the same for all processes. */
struct holders {
        int proc_fd;
        dev_t sockets; /* the device of all sockets */
        struct stat network;
        bool has_network; /* it is known: this network namespace */
        holders_take take;
        void *context;
        uint64_t unreadable;
        struct holders_folder fds;
};

static void holders_freep(struct holders **holders) {
        free(*holders);
}

static int holders_new(holders_take take, void *context, struct holders **ret_holders) {
        _cleanup_(holders_freep) struct holders *holders = malloc(sizeof(*holders));
        _cleanup_(fd_closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct stat st;

        if (!holders)
                return -ENOMEM;
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        holders->sockets = st.st_dev;
        holders->take = take;
        holders->context = context;
        holders->unreadable = 0;
        *ret_holders = pointer_steal(&holders);
        return 0;
}

static bool holders_refused(void) {
        return errno == EACCES || errno == EPERM;
}

/* Whether a descriptor's link may not be read, which needs CAP_SYS_PTRACE. A file that the link
 * leads to may refuse statx() by itself, to root, too: one of FUSE without allow_other does. */
static bool holders_refused_link(int fd, const char *name) {
        char target;

        return holders_refused() && readlinkat(fd, name, &target, sizeof(target)) < 0 &&
               holders_refused();
}

/* Tell the sockets of a folder of descriptors, which is closed then. Return: whether its links may
 * not be read. All of them are alike: whoever may read one may read the others. */
static bool holders_tell(struct holders *holders, int fd, pid_t pid) {
        struct holders_folder *fds = &holders->fds;
        const char *name = "";
        bool refused = false;

        fds->fd = fd;
        fds->at = fds->size = 0;
        while (!refused && !holders_next(fds, &name)) {
                struct statx file;

                if (*name == '.')
                        continue;
                if (statx(fd, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO,
                          &file) < 0)
                        refused = holders_refused_link(fd, name);
                else if (S_ISSOCK(file.stx_mode) &&
                         makedev(file.stx_dev_major, file.stx_dev_minor) == holders->sockets)
                        holders->take(holders->context, pid, file.stx_ino);
        }
        (void)fd_close(fd);
        return refused;
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
        _cleanup_(holders_freep) struct holders *holders = NULL;
        int fd, r;

        r = holders_new(take, context, &holders);
        if (r < 0)
                return r;
        fd = openat(process_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return holders_tell(holders, fd, pid) ? -EACCES : 0;
}

static void holders_path(pid_t pid, const char *name, char path[static HOLDERS_PATH_MAX]) {
        (void)snprintf(path, HOLDERS_PATH_MAX, "%d/%s", (int)pid, name);
}

static int holders_open(int directory_fd, pid_t pid, const char *name) {
        char path[HOLDERS_PATH_MAX];

        holders_path(pid, name, path);
        return openat(directory_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void holders_look(struct holders *holders, pid_t pid) {
        int fd = holders_open(holders->proc_fd, pid, "fd");

        holders->unreadable += fd >= 0 ? holders_tell(holders, fd, pid) : holders_refused();
}

/* One that does not say counts as here. */
static bool holders_is_here(const struct holders *holders, pid_t pid) {
        char path[HOLDERS_PATH_MAX];
        struct stat st;

        holders_path(pid, "ns/net", path);
        return !holders->has_network || fstatat(holders->proc_fd, path, &st, 0) < 0 ||
               (st.st_ino == holders->network.st_ino && st.st_dev == holders->network.st_dev);
}

/* Whether a process has more than one thread: of its folder of them, each is a link. */
static bool holders_has_threads(const struct holders *holders, pid_t pid) {
        char path[HOLDERS_PATH_MAX];
        struct stat st;

        holders_path(pid, "task", path);
        return !fstatat(holders->proc_fd, path, &st, 0) && st.st_nlink > 3;
}

/* The threads that do not share the descriptors of their process. */
static void holders_look_threads(struct holders *holders, pid_t pid) {
        _cleanup_(holders_folder_freep) struct holders_folder *threads = NULL;
        uint64_t thread;
        const char *name;
        int fd;

        if (!holders_has_threads(holders, pid))
                return;
        fd = holders_open(holders->proc_fd, pid, "task");
        if (fd < 0)
                return;
        threads = holders_folder_new(fd);
        while (threads && !holders_next(threads, &name)) {
                if (!holders_number(name, &thread) || (pid_t)thread == pid ||
                    !syscall(SYS_kcmp, pid, (pid_t)thread, KCMP_FILES, 0, 0))
                        continue;
                fd = holders_open(threads->fd, (pid_t)thread, "fd");
                if (fd >= 0)
                        (void)holders_tell(holders, fd, pid);
        }
}

/**
 * holders_walk() - look through the descriptors of all processes, in the order of their numbers
 * @proc_fd:            an open /proc
 * @place:              where to look
 * @take:               told each socket
 * @context:            handed to @take
 * @ret_unreadable:     how many processes do not let us look
 *
 * Return: 0, or a negative errno if there are no processes to be seen at all.
 */
int holders_walk(int proc_fd, enum holders_place place, holders_take take, void *context,
                 uint64_t *ret_unreadable) {
        _cleanup_(holders_folder_freep) struct holders_folder *processes = NULL;
        _cleanup_(holders_freep) struct holders *holders = NULL;
        const char *name = NULL;
        uint64_t pid;
        int fd, r;

        r = holders_new(take, context, &holders);
        if (r < 0)
                return r;
        holders->proc_fd = proc_fd;
        holders->has_network = !fstatat(proc_fd, "self/ns/net", &holders->network, 0);
        /* of its own, as the place in the folder is the descriptor's */
        fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        processes = holders_folder_new(fd);
        if (!processes)
                return -ENOMEM;

        while (!(r = holders_next(processes, &name))) {
                if (!holders_number(name, &pid))
                        continue;
                if (holders_is_here(holders, (pid_t)pid) == (place == HOLDERS_HERE))
                        holders_look(holders, (pid_t)pid);
                if (place == HOLDERS_ELSEWHERE)
                        holders_look_threads(holders, (pid_t)pid);
        }
        if (r != -ENOENT)
                return r;
        *ret_unreadable = holders->unreadable;
        return 0;
}
