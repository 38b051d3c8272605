/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The looker: a child of the reap that looks at other processes.
 */

#ifndef HELPER_LOOKER_H
#define HELPER_LOOKER_H

#include "net/net.h"

struct looker {
        int fd; /* -1: there is none */
        pid_t pid;
};

#define LOOKER_INIT \
        { .fd = -1 }

int looker_begin(struct looker *looker, int proc_fd);
int looker_monitors(void *looker, const uint64_t *inodes, size_t n,
                    struct monitor ret_monitors[static MONITOR_MOST], size_t *ret_n);
int looker_held(void *looker, pid_t pid, uint64_t inode, struct held *ret_held);
void looker_end(struct looker *looker);

#endif
