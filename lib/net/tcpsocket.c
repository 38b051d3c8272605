/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Asking a TCP socket itself.
 *
 * Owns: the questions to a socket of this process, or to a copy of another process's socket
 * (pidfd_getfd).
 * Relies on: socket(7), tcp(7), pidfd_getfd(2) (Linux 5.6). getpeername() of a TCP socket fails
 * only in CLOSE and SYN_SENT (inet_getname() in net/ipv4/af_inet.c). So both ends are known until
 * the connection is reset, also if the client closed first.
 * Does not: keep a copy longer than the question takes; otherwise the copy would keep the
 * connection open.
 */

#include "net/tcpsocket.h"

#include "base/cleanup.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define TCPSOCKET_MPTCP 262 /* IPPROTO_MPTCP of linux/in.h */

/**
 * tcpsocket_open_holder() - make ready to ask the sockets of a process
 * @pid:        the process
 * @ret_pidfd:  -1 for the own process; else a descriptor that the caller closes
 *
 * Return: 0, or a negative errno of pidfd_open(2).
 */
int tcpsocket_open_holder(pid_t pid, int *ret_pidfd) {
        long pidfd = -1;

        if (pid != getpid()) {
                pidfd = syscall(SYS_pidfd_open, pid, 0); /* glibc has it from 2.36 on */
                if (pidfd < 0)
                        return -errno;
        }
        *ret_pidfd = (int)pidfd;
        return 0;
}

static int tcpsocket_option(int fd, int option, int *ret_value) {
        socklen_t size = sizeof(*ret_value);

        return getsockopt(fd, SOL_SOCKET, option, ret_value, &size) < 0 ? -errno : 0;
}

/* Of TCP, or MPTCP, over IP. */
static int tcpsocket_is_tcp(int fd, int *ret_protocol) {
        int value, r;

        r = tcpsocket_option(fd, SO_DOMAIN, &value);
        if (r < 0)
                return r;
        if (value != AF_INET && value != AF_INET6)
                return TCPSOCKET_E_OTHER;
        r = tcpsocket_option(fd, SO_PROTOCOL, ret_protocol);
        if (r < 0)
                return r;
        if (*ret_protocol != IPPROTO_TCP && *ret_protocol != TCPSOCKET_MPTCP)
                return TCPSOCKET_E_OTHER;
        r = tcpsocket_option(fd, SO_TYPE, &value);
        if (r < 0)
                return r;
        return value == SOCK_STREAM ? 0 : TCPSOCKET_E_OTHER;
}

static int tcpsocket_is_stream(int fd, int *ret_protocol) {
        int value, r;

        r = tcpsocket_is_tcp(fd, ret_protocol);
        if (r)
                return r;
        r = tcpsocket_option(fd, SO_ACCEPTCONN, &value);
        if (r < 0)
                return r;
        return value ? TCPSOCKET_E_OTHER : 0;
}

static int tcpsocket_ends(int fd, struct tcpsocket *socket) {
        struct sockaddr_storage name = { 0 };
        socklen_t size = sizeof(name);
        int r;

        if (getsockname(fd, (struct sockaddr *)&name, &size) < 0)
                return -errno;
        r = address_from_socket(&name, &socket->connection.local);
        if (r < 0)
                return r;

        size = sizeof(name);
        if (getpeername(fd, (struct sockaddr *)&name, &size) == 0)
                return address_from_socket(&name, &socket->connection.remote);
        if (errno != ENOTCONN)
                return -errno;

        /* a socket that never was connected is in CLOSE too, but has seen no segment */
        socket->is_reset = socket->info.known && socket->info.state == TCP_CLOSE &&
                           socket->info.in_segments > 0;
        return socket->is_reset ? 0 : TCPSOCKET_E_OTHER;
}

/* The kernel counts them up from 1 (sock_gen_cookie()). */
static uint64_t tcpsocket_cookie(int fd) {
        uint64_t cookie = 0;
        socklen_t size = sizeof(cookie);

        if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) < 0 || cookie > INT64_MAX)
                return 0;
        return cookie;
}

/* Since Linux 5.0. */
static uint32_t tcpsocket_interface(int fd) {
        int index;

        return tcpsocket_option(fd, SO_BINDTOIFINDEX, &index) < 0 ? 0 : (uint32_t)index + 1;
}

/*
 * A connection of MPTCP: its cookie is not that of its first subflow, which is what rules and
 * conntrack know. Once that one is over, the kernel has forgotten its numbers. And it stays as it
 * is when the peer closes: then both sides end all subflows at once, whoever closed (RFC
 * 8684, 3.3.3). poll(2) tells of a peer that has closed (mptcp_poll()).
 */
static void tcpsocket_first(int fd, struct tcpsocket *socket) {
        struct pollfd ended = { .fd = fd, .events = POLLRDHUP };

        socket->multipath = multipath_ask(fd);
        /* its state was read before its numbers: it may be forgotten in between */
        if (!socket->info.in_segments)
                socket->info.known = false;
        if (poll(&ended, 1, 0) == 1 && ended.revents == POLLRDHUP)
                socket->info.state = TCP_CLOSE_WAIT;
}

/**
 * tcpsocket_role() - tell what a process has a descriptor for
 * @pidfd:      what tcpsocket_open_holder() gave
 * @fd:         the descriptor's number in that process
 * @ret_role:   the answer
 *
 * Return: 0, or a negative errno if it could not be asked.
 */
int tcpsocket_role(int pidfd, int fd, enum tcpsocket_role *ret_role) {
        struct sockaddr_storage name;
        socklen_t size = sizeof(name);
        _cleanup_(fd_closep) int copy = -1;
        int r, protocol, listens;

        if (pidfd >= 0) {
                copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
                if (copy < 0)
                        return -errno;
                fd = copy;
        }
        *ret_role = TCPSOCKET_NOTHING;
        r = tcpsocket_is_tcp(fd, &protocol);
        if (r)
                return r == -ENOTSOCK || r > 0 ? 0 : r;
        r = tcpsocket_option(fd, SO_ACCEPTCONN, &listens);
        if (r < 0)
                return r;
        if (listens)
                *ret_role = TCPSOCKET_LISTENS;
        else if (!getpeername(fd, (struct sockaddr *)&name, &size))
                *ret_role = TCPSOCKET_CONNECTED;
        return 0;
}

/**
 * tcpsocket_ask() - ask a socket for its connection
 * @pidfd:      what tcpsocket_open_holder() gave
 * @fd:         the number of the socket's descriptor in that process
 * @inode:      the socket's inode: the number may stand for something else by now
 * @ret_socket: the answer
 *
 * Return: 0, TCPSOCKET_E_OTHER, -ESTALE if the descriptor is not that inode, or a negative errno
 *         if the socket could not be asked.
 */
int tcpsocket_ask(int pidfd, int fd, uint64_t inode, struct tcpsocket *ret_socket) {
        struct tcpsocket socket = { 0 };
        _cleanup_(fd_closep) int copy = -1;
        struct stat status;
        int r, protocol;

        if (pidfd >= 0) {
                /* the copy is CLOEXEC from birth */
                copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
                if (copy < 0)
                        return -errno;
                fd = copy;
        }

        if (fstat(fd, &status) < 0)
                return -errno;
        if (!S_ISSOCK(status.st_mode) || status.st_ino != inode)
                return -ESTALE;

        r = tcpsocket_is_stream(fd, &protocol);
        if (r)
                return r;
        r = tcpinfo_read(fd, &socket.info);
        if (r < 0 && protocol == IPPROTO_TCP)
                return r;
        r = tcpsocket_ends(fd, &socket);
        if (r)
                return r;
        if (protocol == IPPROTO_TCP)
                socket.cookie = tcpsocket_cookie(fd);
        else
                tcpsocket_first(fd, &socket);

        socket.interface = tcpsocket_interface(fd);
        *ret_socket = socket;
        return 0;
}
