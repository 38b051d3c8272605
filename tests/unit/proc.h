/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A made-up /proc for tests, in a temporary folder.
 *
 * Owns: the folder, from proc_setup() to proc_teardown(), and the check that a test left as many
 * descriptors open as there were.
 */

#ifndef PAM_TRAFFIC_TESTS_PROC_H
#define PAM_TRAFFIC_TESTS_PROC_H

#include <stdint.h>
#include <sys/types.h>

struct proc {
        char path[64];
        int fd;
        unsigned int open_fds;
};

/* exe NULL: the link cannot be read. */
struct proc_process {
        int pid;
        int parent;
        unsigned int start;
        const char *comm;
        const char *exe;
        uid_t uid;
};

int proc_setup(void **state);
int proc_teardown(void **state);
void proc_add(const struct proc *proc, const struct proc_process *process);
void proc_add_fd(const struct proc *proc, int pid, int fd, const char *target);
void proc_add_socket(const struct proc *proc, int pid, int fd, uint64_t inode);
void proc_write(const struct proc *proc, int pid, const char *name, const char *text);

#endif
