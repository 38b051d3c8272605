/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The crowd: connections that are nobody's session, on a host that has other things to do.
 *
 * Owns: one port's share of them. The driver starts one such program for each 12,000, a port each:
 * so many fit into a process (RLIMIT_NOFILE) and into a port (net.ipv4.ip_local_port_range).
 */

#include "load.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/**
 * crowd_run() - make connections, say so, keep them until standard input ends
 * @address:    where to listen
 * @netns:      the network namespace of the other ends
 * @count:      how many
 */
void crowd_run(const struct sockaddr_in *address, const char *netns, size_t count) {
        int listener = load_listen(address);
        struct client client;
        char byte;

        client_start(&client, netns);
        for (size_t i = 0; i < count; i++) {
                client_connect(&client, address, true);
                if (accept4(listener, NULL, NULL, SOCK_CLOEXEC) < 0)
                        load_fail("accept");
        }
        (void)printf("crowd %zu\n", count);
        (void)fflush(stdout);
        while (read(STDIN_FILENO, &byte, 1) > 0)
                ;
        /* their end is a RST, which leaves no TIME_WAIT here */
        client_stop(&client);
}
