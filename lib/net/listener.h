/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sshd that waits for logins, and what a process that it starts inherits from it.
 */

#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <sys/types.h>

struct listener {
        pid_t pid;
        int directory_fd; /* /proc/<pid> */
};

#define LISTENER_NULL \
        { .directory_fd = -1 }

enum {
        LISTENER_E_NONE = 1, /* there is none here (listener_find()), or nothing to change */
};

int listener_find(int proc_fd, struct listener *ret_listener);
void listener_close(struct listener *listener);

int listener_take_limits(const struct listener *listener);
int listener_take_bounds(const struct listener *listener);
int listener_enter_mounts(int proc_fd, const struct listener *listener);
bool listener_is_confined(int proc_fd, const struct listener *listener);

#endif
