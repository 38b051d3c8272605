/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The TCP_INFO of a socket that another process has open.
 */

#include "net/held.h"

#include "base/number.h"
#include "net/process.h"
#include "net/socketlink.h"
#include "net/tcpsocket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

static inline void held_closedirp(DIR **folder) {
        if (*folder)
                (void)closedir(*folder);
}

/* Return: the descriptor's number in that process, or a negative errno. */
static int held_find(const struct process *process, uint64_t inode) {
        _cleanup_(held_closedirp) DIR *folder = NULL;
        _cleanup_(fd_closep) int fd = -1;
        const struct dirent *entry;
        uint64_t number, found;

        fd = openat(process->directory_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        folder = fdopendir(fd);
        if (!folder)
                return -errno;
        (void)fd_steal(&fd);
        while (errno = 0, (entry = readdir(folder))) {
                if (number_parse(entry->d_name, strlen(entry->d_name), 10, INT_MAX, &number) < 0)
                        continue;
                if (!socketlink_read(dirfd(folder), entry->d_name, &found) && found == inode)
                        return (int)number;
        }
        return errno ? -errno : -ENOENT;
}

/**
 * held_ask() - ask a socket that another process holds
 * @proc_fd:    an open /proc
 * @pid:        the process; that it is the one that is meant, inode and cookie tell
 * @inode:      the socket's
 * @ret_held:   the answer
 *
 * Return: 0, or a negative errno: -ENOENT if the process has no such socket.
 */
int held_ask(int proc_fd, pid_t pid, uint64_t inode, struct held *ret_held) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;
        _cleanup_(fd_closep) int pidfd = -1;
        struct tcpsocket socket;
        int r, fd;

        r = tcpsocket_open_holder(pid, &pidfd);
        if (!r)
                r = process_open(proc_fd, pid, &process);
        if (r)
                return r < 0 ? r : -ENOENT;
        fd = held_find(&process, inode);
        if (fd < 0)
                return fd;
        r = tcpsocket_ask(pidfd, fd, inode, &socket);
        if (r)
                return r < 0 ? r : -ENOENT;
        *ret_held = (struct held){ .cookie = socket.cookie, .info = socket.info };
        return 0;
}
