/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A process of its own that looks at other processes for a reap.
 *
 * Owns: that what reads files, netlink and the configuration may not trace processes, which is as
 * much as all power over the host. So the reap has a child that may, and can nothing else: it waits
 * for numbers of sockets, and answers which monitors of sshd hold them. It reads nothing but that
 * and /proc.
 * Relies on: socketpair(2), whose messages stay whole (SOCK_SEQPACKET). The reap's end closes,
 * however the reap ends; then the child ends.
 */

#include "looker.h"

#include "pam_traffic/cleanup.h"
#include "privilege.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* A pass over /proc takes some milliseconds for a thousand processes. */
#define LOOKER_PATIENCE_SECONDS 30

static void looker_answer(int fd, int proc_fd) {
        _cleanup_(freep) uint64_t *inodes = calloc(MONITOR_MOST, sizeof(*inodes));
        _cleanup_(freep) struct monitor *monitors = calloc(MONITOR_MOST, sizeof(*monitors));
        ssize_t size;

        if (!inodes || !monitors)
                return;
        while ((size = recv(fd, inodes, MONITOR_MOST * sizeof(*inodes), 0)) > 0) {
                size_t n = 0;

                if (monitor_find(proc_fd, inodes, (size_t)size / sizeof(*inodes), monitors, &n) < 0)
                        return;
                /* an empty message would be the same as the end */
                if (!n)
                        monitors[n++] = (struct monitor){ 0 };
                if (send(fd, monitors, n * sizeof(*monitors), MSG_NOSIGNAL) < 0)
                        return;
        }
}

/**
 * looker_begin() - start the child, before the capabilities are given up
 * @looker:     LOOKER_INIT; to be given to looker_end() whatever is returned
 * @proc_fd:    an open /proc
 *
 * Return: 0, or a negative errno: then nobody can be asked.
 */
int looker_begin(struct looker *looker, int proc_fd) {
        const struct timeval patience = { .tv_sec = LOOKER_PATIENCE_SECONDS };
        int ends[2], r;
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        pid = fork();
        if (pid < 0) {
                r = -errno;
                (void)close(ends[0]);
                (void)close(ends[1]);
                return r;
        }
        if (!pid) {
                (void)close(ends[0]);
                if (!privilege_look())
                        looker_answer(ends[1], proc_fd);
                _exit(0);
        }
        (void)close(ends[1]);
        (void)setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        *looker = (struct looker){ .fd = ends[0], .pid = pid };
        return 0;
}

/**
 * looker_ask() - ask which monitors hold sockets; a session_monitors
 * @looker:             the looker
 * @inodes:             the sockets
 * @n:                  how many, from 1 to MONITOR_MOST
 * @ret_monitors:       the monitors, in the order of their sockets' inodes
 * @ret_n:              how many
 *
 * Return: 0, or a negative errno.
 */
int looker_ask(void *looker, const uint64_t *inodes, size_t n,
               struct monitor ret_monitors[static MONITOR_MOST], size_t *ret_n) {
        const struct looker *asked = looker;
        ssize_t size;

        if (send(asked->fd, inodes, n * sizeof(*inodes), MSG_NOSIGNAL) < 0)
                return -errno;
        do
                size = recv(asked->fd, ret_monitors, MONITOR_MOST * sizeof(*ret_monitors), 0);
        while (size < 0 && errno == EINTR);
        if (size <= 0)
                return size < 0 ? -errno : -EPIPE;
        *ret_n = (size_t)size / sizeof(*ret_monitors);
        if (*ret_n == 1 && !ret_monitors[0].inode)
                *ret_n = 0;
        return 0;
}

/**
 * looker_end() - end the child, and wait for it
 * @looker:     the looker
 */
void looker_end(struct looker *looker) {
        if (looker->fd < 0)
                return;
        looker->fd = fd_close(looker->fd);
        while (waitpid(looker->pid, NULL, 0) < 0 && errno == EINTR)
                ;
}
