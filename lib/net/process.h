/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A process as /proc shows it. An open folder of /proc stands for it, so that it stays the same
 * process even if its number is given to another one.
 */

#ifndef NET_PROCESS_H
#define NET_PROCESS_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_COMM_MAX 65 /* a kernel worker's name; a program's has 15 at the most */

/* Of /proc/<pid>/stat, what is needed. */
struct process_stat {
        char comm[PROCESS_COMM_MAX]; /* hostile text */
        pid_t parent;                /* 0: none in this pid namespace */
        pid_t session;               /* the process that began its session, setsid(2) */
        bool terminal;               /* it has a controlling terminal */
        uint64_t child_faults;       /* page faults of children that ended and were waited for */
        uint64_t start;              /* clock ticks after boot */
};

struct process {
        int directory_fd; /* /proc/<pid>; after the process is gone it answers ESRCH */
        pid_t pid;
        uid_t uid; /* effective */
        bool is_sshd;
        struct process_stat stat;
};

#define PROCESS_NULL \
        { .directory_fd = -1 }

enum {
        PROCESS_E_NONE = 1, /* there is no such process (any more) */
};

int process_stat_parse(const char *data, size_t size, struct process_stat *ret_stat);
int process_stat_read(int directory_fd, const char *path, struct process_stat *ret_stat);
bool process_name_is_sshd(const char *name);
int process_open(int proc_fd, pid_t pid, struct process *ret_process);
int process_open_parent(int proc_fd, const struct process *child, struct process *ret_process);

static inline void process_closep(struct process *process) {
        process->directory_fd = fd_close(process->directory_fd);
}

#endif
