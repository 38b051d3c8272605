/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Two network namespaces joined by a veth pair.
 *
 * Owns: the client process, which ends when the control socket closes; both namespaces end with
 * their processes, so nothing is left behind however the test ends.
 * Relies on: ip(8).
 */

#include "world.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORLD_CONNECTIONS_MAX 16

/* What the client is told; no address: close everything. */
struct world_request {
        char address[INET6_ADDRSTRLEN];
        uint16_t port;
};

static int world_run(const char *command) {
        int status = system(command);

        if (status == 0)
                return 0;
        (void)fprintf(stderr, "# failed: %s\n", command);
        return -EIO;
}

static int world_connect_here(const struct world_request *request) {
        struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(request->port) };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(request->port) };
        _cleanup_(fd_closep) int fd = -1;
        int r;

        if (inet_pton(AF_INET, request->address, &in.sin_addr) == 1) {
                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                r = connect(fd, (struct sockaddr *)&in, sizeof(in));
        } else {
                if (inet_pton(AF_INET6, request->address, &in6.sin6_addr) != 1)
                        return -EINVAL;
                if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
                        in6.sin6_scope_id = if_nametoindex("client0");
                fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
                r = connect(fd, (struct sockaddr *)&in6, sizeof(in6));
        }
        return r < 0 ? -errno : fd_steal(&fd);
}

/* The client: its own namespace, and what it is told, until the control socket closes. */
static int world_client(int control_fd) {
        int fds[WORLD_CONNECTIONS_MAX], n = 0, r;
        struct world_request request;

        r = unshare(CLONE_NEWNET) < 0 ? -errno : 0;
        if (send(control_fd, &r, sizeof(r), 0) < 0 || r < 0)
                return 1;

        while (recv(control_fd, &request, sizeof(request), 0) == sizeof(request)) {
                r = 0;
                if (!request.address[0]) {
                        while (n)
                                (void)close(fds[--n]);
                } else if (strcmp(request.address, "up") == 0) {
                        r = world_run("ip link set client0 addrgenmode none && "
                                      "ip addr add " WORLD_CLIENT_IPV4 "/24 dev client0 && "
                                      "ip addr add " WORLD_CLIENT_IPV6 "/64 dev client0 nodad && "
                                      "ip addr add " WORLD_CLIENT_LINK_LOCAL
                                      "/64 dev client0 nodad && ip link set client0 up");
                } else {
                        r = n < WORLD_CONNECTIONS_MAX ? world_connect_here(&request) : -EMFILE;
                        if (r >= 0)
                                fds[n++] = r;
                }
                if (send(control_fd, &r, sizeof(r), 0) < 0)
                        return 1;
        }
        return 0;
}

static int world_answer(const struct world *world) {
        int r;

        if (recv(world->control_fd, &r, sizeof(r), 0) != sizeof(r))
                return -EPIPE;
        return r < 0 ? r : 0;
}

static int world_ask(const struct world *world, const char *address, uint16_t port) {
        struct world_request request = { .port = port };

        (void)snprintf(request.address, sizeof(request.address), "%s", address);
        if (send(world->control_fd, &request, sizeof(request), MSG_NOSIGNAL) < 0)
                return -errno;
        return world_answer(world);
}

static int world_build(const struct world *world) {
        char command[512];
        int r;

        (void)snprintf(command, sizeof(command),
                       "ip link set lo up && "
                       "ip link add server0 type veth peer name client0 netns %d && "
                       "ip link set server0 addrgenmode none && "
                       "ip addr add " WORLD_SERVER_IPV4 "/24 dev server0 && "
                       "ip addr add " WORLD_SERVER_IPV6 "/64 dev server0 nodad && "
                       "ip addr add " WORLD_SERVER_LINK_LOCAL "/64 dev server0 nodad && "
                       "ip link set server0 up",
                       (int)world->client);
        r = world_run(command);
        return r < 0 ? r : world_ask(world, "up", 0);
}

/**
 * world_new() - move into a namespace of our own and start the client in another
 * @ret_world:  the world
 *
 * Return: 0, -EPERM where namespaces may not be made, or another negative errno.
 */
int world_new(struct world *ret_world) {
        struct world world;
        int pair[2], r;

        if (unshare(CLONE_NEWNET) < 0)
                return -errno;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;

        world.client = fork();
        if (world.client < 0)
                return -errno;
        if (!world.client) {
                (void)fd_close(pair[0]);
                _exit(world_client(pair[1]));
        }
        (void)fd_close(pair[1]);
        world.control_fd = pair[0];

        r = world_answer(&world);
        if (!r)
                r = world_build(&world);
        if (r < 0) {
                world_free(&world);
                return r;
        }
        *ret_world = world;
        return 0;
}

/**
 * world_free() - end the client
 * @world:      the world
 */
void world_free(struct world *world) {
        world->control_fd = fd_close(world->control_fd);
        (void)waitpid(world->client, NULL, 0);
}

/**
 * world_listen() - listen on any address and any port
 * @family:     AF_INET or AF_INET6
 * @is_dual:    whether an IPv6 socket takes IPv4 clients, too
 * @ret_port:   the port
 *
 * Return: the socket, or a negative errno.
 */
int world_listen(sa_family_t family, int is_dual, uint16_t *ret_port) {
        struct sockaddr_in in = { .sin_family = AF_INET };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
        _cleanup_(fd_closep) int fd = -1;
        struct sockaddr *name = (struct sockaddr *)&in;
        socklen_t size = sizeof(in);
        int only = !is_dual;

        if (family == AF_INET6) {
                name = (struct sockaddr *)&in6;
                size = sizeof(in6);
        }
        fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (family == AF_INET6 &&
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) < 0)
                return -errno;
        if (bind(fd, name, size) < 0 || listen(fd, 4) < 0 || getsockname(fd, name, &size) < 0)
                return -errno;

        *ret_port = ntohs(family == AF_INET6 ? in6.sin6_port : in.sin_port);
        return fd_steal(&fd);
}

/**
 * world_connect() - let the client connect
 * @world:      the world
 * @address:    where to
 * @port:       where to
 *
 * Return: 0, or a negative errno.
 */
int world_connect(const struct world *world, const char *address, uint16_t port) {
        return world_ask(world, address, port);
}

/**
 * world_disconnect() - let the client close all its connections
 * @world:      the world
 *
 * Return: 0, or a negative errno.
 */
int world_disconnect(const struct world *world) {
        return world_ask(world, "", 0);
}
