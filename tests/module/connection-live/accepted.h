/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One accepted connection, and what must be found for it.
 */

#ifndef PAM_TRAFFIC_TESTS_ACCEPTED_H
#define PAM_TRAFFIC_TESTS_ACCEPTED_H

#include "base/cleanup.h"
#include "net/address.h"
#include "world.h"

#define ACCEPTED_TEXT_MAX 256

struct accepted {
        int fd;
        ino_t inode;
        struct connection connection;
        char ssh_connection[ACCEPTED_TEXT_MAX];
};

struct accepted accepted_new(const struct world *world, int listener, uint16_t port,
                             const char *server, const char *client);
void bail(const char *what, int r) __attribute__((noreturn));

static inline void accepted_closep(struct accepted *accepted) {
        accepted->fd = fd_close(accepted->fd);
}

#endif
