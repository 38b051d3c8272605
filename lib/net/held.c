/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The TCP_INFO of a socket that another process has open.
 */

#include "net/held.h"

#include "net/numbered.h"
#include "net/process.h"
#include "net/socketlink.h"
#include "net/tcpsocket.h"

#include <errno.h>

/* Return: the descriptor's number in that process, or a negative errno. */
static int held_find(const struct process *process, uint64_t inode) {
        _cleanup_(numbered_closep) struct numbered fds = NUMBERED_NULL;
        const char *name;
        uint64_t found;
        int r, fd = -1;

        r = numbered_open(process->directory_fd, "fd", &fds);
        while (!r && !(r = numbered_next(&fds, &fd, &name)))
                if (!socketlink_read(numbered_fd(&fds), name, &found) && found == inode)
                        return fd;
        return r;
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
