/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The clients: one process in the other network namespace that holds the far end of each
 * connection.
 *
 * Owns: connecting when it is told to, and closing when the server has closed, as ssh does; only
 * then is a server's socket in TIME_WAIT, and its session over.
 */

#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLIENT_EVENTS 256

struct client_order {
        struct sockaddr_in to;
        bool abortive; /* end by RST: no TIME_WAIT is left of the many */
};

static void client_watch(int epoll_fd, int fd) {
        struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
                load_fail("epoll_ctl");
}

static void client_obey(int epoll_fd, const struct client_order *order) {
        struct linger linger = { .l_onoff = order->abortive };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) < 0 ||
            connect(fd, (const struct sockaddr *)&order->to, sizeof(order->to)) < 0)
                load_fail("cannot connect");
        client_watch(epoll_fd, fd);
}

__attribute__((noreturn)) static void client_run(int orders) {
        int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

        if (epoll_fd < 0)
                load_fail("epoll_create1");
        client_watch(epoll_fd, orders);
        for (;;) {
                struct epoll_event events[CLIENT_EVENTS];
                int n = epoll_wait(epoll_fd, events, CLIENT_EVENTS, -1);

                for (int i = 0; i < n; i++) {
                        struct client_order order;
                        ssize_t size;

                        if (events[i].data.fd != orders) {
                                (void)close(events[i].data.fd);
                                continue;
                        }
                        size = read(orders, &order, sizeof(order));
                        if (size != (ssize_t)sizeof(order))
                                _exit(0); /* the server is gone */
                        client_obey(epoll_fd, &order);
                        if (write(orders, "", 1) != 1)
                                _exit(0);
                }
        }
}

/**
 * client_start() - start the process
 * @client:     the clients
 * @netns:      path of their network namespace
 */
void client_start(struct client *client, const char *netns) {
        int netns_fd = open(netns, O_RDONLY | O_CLOEXEC), fds[2];

        if (netns_fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                load_fail("%s", netns);
        client->pid = fork();
        if (client->pid < 0)
                load_fail("fork");
        if (!client->pid) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)close(fds[0]);
                if (setns(netns_fd, CLONE_NEWNET) < 0)
                        load_fail("setns");
                client_run(fds[1]);
        }
        (void)close(netns_fd);
        (void)close(fds[1]);
        client->fd = fds[0];
}

/**
 * client_connect() - make one connection; it is established when this returns
 * @client:     the clients
 * @to:         the server
 * @abortive:   whether its end is a RST
 */
void client_connect(const struct client *client, const struct sockaddr_in *to, bool abortive) {
        struct client_order order;
        char done;

        (void)memset(&order, 0, sizeof(order));
        order.to = *to;
        order.abortive = abortive;
        if (write(client->fd, &order, sizeof(order)) != (ssize_t)sizeof(order) ||
            read(client->fd, &done, 1) != 1) {
                errno = EPIPE;
                load_fail("the clients are gone");
        }
}

/**
 * client_stop() - end the process, and with it all its connections
 * @client:     the clients
 */
void client_stop(struct client *client) {
        siginfo_t info;

        (void)close(client->fd);
        /* not wait4(): its entry may be reaped by manylogins_wait() */
        (void)waitid(P_PID, (id_t)client->pid, &info, WEXITED);
}
