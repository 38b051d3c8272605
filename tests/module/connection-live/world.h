/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Two network namespaces joined by a veth pair: this process's own, and that of a client process
 * which connects when it is told to.
 */

#ifndef PAM_TRAFFIC_TESTS_WORLD_H
#define PAM_TRAFFIC_TESTS_WORLD_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The addresses of the server's end and of the client's. */
#define WORLD_SERVER_IPV4 "10.77.0.1"
#define WORLD_CLIENT_IPV4 "10.77.0.2"
#define WORLD_SERVER_IPV6 "fd77::1"
#define WORLD_CLIENT_IPV6 "fd77::2"
#define WORLD_SERVER_LINK_LOCAL "fe80::77:1"
#define WORLD_CLIENT_LINK_LOCAL "fe80::77:2"

struct world {
        pid_t client;
        int control_fd;
};

int world_new(struct world *ret_world);
void world_free(struct world *world);
int world_listen(sa_family_t family, int is_dual, uint16_t *ret_port);
int world_connect(const struct world *world, const char *address, uint16_t port);
int world_disconnect(const struct world *world);

#endif
