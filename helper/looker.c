/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The looker: a child of the reap that looks at other processes.
 *
 * Owns: that the process that reads files, netlink and the configuration may not trace other
 * processes, which is as much as all power over the host. So the reap has a child that may trace,
 * and can do nothing else. The child waits for numbers of sockets, and answers which monitors of
 * sshd have them open. It reads nothing but these numbers and /proc.
 * Relies on: socketpair(2), whose messages stay whole (SOCK_SEQPACKET). When the reap ends, for
 * whatever reason, its end of the pair closes; then the child ends.
 */

#include "looker.h"

#include "base/base.h"
#include "privilege.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* A question. */
struct looker_question {
        uint64_t pid; /* the holder of the one socket that is asked for; 0: who holds them is asked
                       */
        uint64_t inodes[MONITOR_MOST];
};

#define LOOKER_QUESTION_SIZE(n) (offsetof(struct looker_question, inodes) + (n) * sizeof(uint64_t))

/* Return: whether the answer is on its way. */
static bool looker_send(int fd, const void *answer, size_t size) {
        return send(fd, answer, size, MSG_NOSIGNAL) >= 0;
}

static bool looker_answer_held(int fd, int proc_fd, const struct looker_question *question) {
        struct held held = { .cookie = 0 };

        if (held_ask(proc_fd, (pid_t)question->pid, *question->inodes, &held) < 0)
                held = (struct held){ .cookie = 0 };
        return looker_send(fd, &held, sizeof(held));
}

static bool looker_answer_monitors(int fd, int proc_fd, const struct looker_question *question,
                                   size_t asked, struct monitor *monitors) {
        size_t n = 0;

        if (monitor_find(proc_fd, question->inodes, asked, monitors, &n) < 0)
                return false;
        /* an empty message would be the same as the end */
        if (!n)
                monitors[n++] = (struct monitor){ 0 };
        return looker_send(fd, monitors, n * sizeof(*monitors));
}

static void looker_answer(int fd, int proc_fd) {
        _cleanup_(freep) struct looker_question *question = calloc(1, sizeof(*question));
        _cleanup_(freep) struct monitor *monitors = calloc(MONITOR_MOST, sizeof(*monitors));
        bool goes_on = question && monitors;

        while (goes_on) {
                ssize_t size = recv(fd, question, sizeof(*question), 0);

                if (size < (ssize_t)LOOKER_QUESTION_SIZE(1))
                        return;
                goes_on =
                        question->pid
                                ? looker_answer_held(fd, proc_fd, question)
                                : looker_answer_monitors(fd, proc_fd, question,
                                                         ((size_t)size - LOOKER_QUESTION_SIZE(0)) /
                                                                 sizeof(uint64_t),
                                                         monitors);
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
        const struct timeval patience = { .tv_sec = LOOKER_PATIENCE / CLOCK_SECOND };
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

/* Return: the bytes of the answer, or a negative errno: then nobody is asked any more. An answer
 * that came later would be taken for that to the next question. */
static ssize_t looker_ask(struct looker *looker, pid_t pid, const uint64_t *inodes, size_t n,
                          void *answer, size_t room) {
        _cleanup_(freep) struct looker_question *question = malloc(LOOKER_QUESTION_SIZE(n));
        ssize_t size;

        if (!question)
                return -ENOMEM;
        question->pid = (uint64_t)pid;
        memcpy(question->inodes, inodes, n * sizeof(*inodes));
        size = send(looker->fd, question, LOOKER_QUESTION_SIZE(n), MSG_NOSIGNAL);
        while (size > 0) {
                size = recv(looker->fd, answer, room, 0);
                if (size > 0)
                        return size;
                if (size < 0 && errno == EINTR)
                        size = 1;
        }
        size = size < 0 ? -errno : -EPIPE;
        looker->fd = fd_close(looker->fd);
        return size;
}

/**
 * looker_monitors() - ask which monitors hold sockets; a session_monitors
 * @looker:             the looker
 * @inodes:             the sockets
 * @n:                  how many, from 1 to MONITOR_MOST
 * @ret_monitors:       the monitors, in the order of their sockets' inodes
 * @ret_n:              how many
 *
 * Return: 0, or a negative errno.
 */
int looker_monitors(void *looker, const uint64_t *inodes, size_t n,
                    struct monitor ret_monitors[static MONITOR_MOST], size_t *ret_n) {
        ssize_t size = looker_ask(looker, 0, inodes, n, ret_monitors,
                                  MONITOR_MOST * sizeof(*ret_monitors));

        if (size < 0)
                return (int)size;
        *ret_n = (size_t)size / sizeof(*ret_monitors);
        if (*ret_n == 1 && !ret_monitors[0].inode)
                *ret_n = 0;
        return 0;
}

/**
 * looker_held() - ask a socket that a process holds; a session_held
 * @looker:     the looker
 * @pid:        the process
 * @inode:      the socket's
 * @ret_held:   the answer; all zeros if it has no such socket, or does not let us ask
 *
 * Return: 0, or a negative errno.
 */
int looker_held(void *looker, pid_t pid, uint64_t inode, struct held *ret_held) {
        ssize_t size = looker_ask(looker, pid, &inode, 1, ret_held, sizeof(*ret_held));

        if (size < 0)
                return (int)size;
        return size == sizeof(*ret_held) ? 0 : -EPROTO;
}

/**
 * looker_end() - end the child, and wait for it
 * @looker:     the looker
 */
void looker_end(struct looker *looker) {
        looker->fd = fd_close(looker->fd);
        if (looker->pid <= 0)
                return;
        (void)kill(looker->pid, SIGKILL);
        while (waitpid(looker->pid, NULL, 0) < 0 && errno == EINTR)
                ;
}
