/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The control group of sshd, for processes that should use sshd's resources and not the user's.
 */

#ifndef NET_CGROUP_H
#define NET_CGROUP_H

#include <stddef.h>

#define CGROUP_PATH_MAX 1024

enum {
        CGROUP_E_NONE = 1, /* nothing to change into, or nothing that can be */
};

int cgroup_parse(const char *text, char *path, size_t room);
int cgroup_of_sshd(int *ret_fd);
int cgroup_of_process(int proc_fd, int directory_fd, int *ret_fd);

#endif
