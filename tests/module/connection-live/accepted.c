/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One accepted connection.
 *
 * Relies on: getnameinfo(3), with which sshd makes SSH_CONNECTION (get_socket_address() in
 * canohost.c).
 */

#include "accepted.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/**
 * bail() - give the whole test up, in TAP
 * @what:       what did not work
 * @r:          the negative errno
 */
void bail(const char *what, int r) {
        (void)printf("Bail out! %s: %s\n", what, strerror(-r));
        exit(1);
}

/* Write SSH_CONNECTION as sshd does, but without its rewriting of v4-mapped addresses. */
static void accepted_describe(struct accepted *accepted, const char *server, const char *client) {
        struct sockaddr_storage remote = { 0 }, local = { 0 };
        char remote_text[NI_MAXHOST], local_text[NI_MAXHOST], remote_port[32], local_port[32];
        socklen_t remote_size = sizeof(remote), local_size = sizeof(local);
        const int flags = NI_NUMERICHOST | NI_NUMERICSERV;
        struct stat status;

        if (getpeername(accepted->fd, (struct sockaddr *)&remote, &remote_size) < 0 ||
            getsockname(accepted->fd, (struct sockaddr *)&local, &local_size) < 0 ||
            fstat(accepted->fd, &status) < 0)
                bail("accepted socket", -errno);
        if (getnameinfo((struct sockaddr *)&remote, remote_size, remote_text, sizeof(remote_text),
                        remote_port, sizeof(remote_port), flags) ||
            getnameinfo((struct sockaddr *)&local, local_size, local_text, sizeof(local_text),
                        local_port, sizeof(local_port), flags))
                bail("getnameinfo", -EIO);
        if (snprintf(accepted->ssh_connection, sizeof(accepted->ssh_connection), "%s %s %s %s",
                     remote_text, remote_port, local_text,
                     local_port) >= (int)sizeof(accepted->ssh_connection))
                bail("SSH_CONNECTION", -E2BIG);

        accepted->inode = status.st_ino;
        if (address_parse(client, &accepted->connection.remote.address) < 0 ||
            address_parse(server, &accepted->connection.local.address) < 0)
                bail("addresses", -EINVAL);
        accepted->connection.remote.port = (uint16_t)strtoul(remote_port, NULL, 10);
        accepted->connection.local.port = (uint16_t)strtoul(local_port, NULL, 10);
}

/**
 * accepted_new() - let the client connect, and accept it
 * @world:      the world
 * @listener:   the listening socket
 * @port:       its port
 * @server:     the address to connect to
 * @client:     the address that the client then has
 *
 * Return: the connection; the test is given up where there is none.
 */
struct accepted accepted_new(const struct world *world, int listener, uint16_t port,
                             const char *server, const char *client) {
        struct accepted accepted = { .fd = -1 };
        int r;

        r = world_connect(world, server, port);
        if (r < 0)
                bail("connect", r);
        accepted.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (accepted.fd < 0)
                bail("accept", -errno);
        accepted_describe(&accepted, server, client);
        return accepted;
}
