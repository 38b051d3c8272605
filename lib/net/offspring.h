/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which processes are whose children, at one moment.
 */

#ifndef NET_OFFSPRING_H
#define NET_OFFSPRING_H

#include "net/process.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct offspring_child {
        pid_t pid;
        struct process_stat stat;
};

struct offspring {
        struct offspring_child *of; /* by parent, then by number */
        size_t n;
        uint64_t boottime; /* when it was looked, microseconds of CLOCK_BOOTTIME */
};

int offspring_read(int proc_fd, struct offspring *ret_offspring);
int offspring_read_of(int proc_fd, pid_t pid, struct offspring *ret_offspring);
const struct offspring_child *offspring_of(const struct offspring *offspring, pid_t parent,
                                           size_t *ret_n);
void offspring_clear(struct offspring *offspring);

#endif
