/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The control group of sshd.
 *
 * Owns: how it is found. pam_systemd(8) moves sshd's monitor into the user's slice, but the
 * listener, the monitor's parent, stays where it was. A monitor whose parent is no sshd
 * (sshd@.service) has no such group.
 * Relies on: cgroups(7), version 2 alone. If version 1 is there, too, it counts the number of
 * processes, and a process cannot begin in another group of version 1.
 */

#include "net/cgroup.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "net/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP_ROOT "/sys/fs/cgroup"
#define CGROUP_FILE_MAX 4096

/**
 * cgroup_parse() - read /proc/PID/cgroup
 * @text:       the file
 * @path:       the group of version 2, from the root of its tree: begins with a slash
 * @room:       bytes there
 *
 * Return: 0, or CGROUP_E_NONE if it is in none, or in one outside of what can be seen here.
 */
int cgroup_parse(const char *text, char *path, size_t room) {
        const char *line = text;
        size_t size;

        while (line && strncmp(line, "0::", 3) != 0) {
                line = strchr(line, '\n');
                if (line)
                        line++;
        }
        if (!line)
                return CGROUP_E_NONE;
        line += 3;
        size = strcspn(line, "\n");
        if (line[0] != '/' || size >= room || memmem(line, size, "/..", 3))
                return CGROUP_E_NONE;
        memcpy(path, line, size);
        path[size] = '\0';
        return 0;
}

static int cgroup_read(int folder_fd, const char *name, char *path) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        int r;

        r = file_read_at(folder_fd, name, CGROUP_FILE_MAX, &text, &size);
        if (r)
                return r < 0 ? r : CGROUP_E_NONE;
        return cgroup_parse(text, path, CGROUP_PATH_MAX);
}

/**
 * cgroup_of_process() - open the group of a process
 * @proc_fd:            an open /proc
 * @directory_fd:       the process's folder there
 * @ret_fd:             the folder, for clone3(2); the caller closes it
 *
 * Return: 0, CGROUP_E_NONE if this process is in it itself or it has none, or a negative errno.
 */
int cgroup_of_process(int proc_fd, int directory_fd, int *ret_fd) {
        _cleanup_(freep) char *own = malloc(CGROUP_PATH_MAX);
        _cleanup_(freep) char *path = malloc(sizeof(CGROUP_ROOT) + CGROUP_PATH_MAX);
        struct statfs status;
        char *group;
        int r;

        if (!own || !path)
                return -ENOMEM;
        memcpy(path, CGROUP_ROOT, sizeof(CGROUP_ROOT));
        group = path + strlen(path);
        if (statfs(CGROUP_ROOT, &status) < 0 || status.f_type != CGROUP2_SUPER_MAGIC)
                return CGROUP_E_NONE;
        r = cgroup_read(proc_fd, "self/cgroup", own);
        if (!r)
                r = cgroup_read(directory_fd, "cgroup", group);
        if (r)
                return r;
        if (!strcmp(own, group))
                return CGROUP_E_NONE;
        *ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return *ret_fd < 0 ? -errno : 0;
}

/**
 * cgroup_of_sshd() - open the group of the sshd that started this one
 * @ret_fd:     the folder, for clone3(2); the caller closes it
 *
 * Return: 0, CGROUP_E_NONE if this process is in it itself or it has none, or a negative errno.
 */
int cgroup_of_sshd(int *ret_fd) {
        _cleanup_(process_closep) struct process parent = PROCESS_NULL;
        _cleanup_(fd_closep) int proc_fd = -1;
        int r;

        proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (proc_fd < 0)
                return -errno;
        r = process_open(proc_fd, getppid(), &parent);
        if (r || !parent.is_sshd || parent.uid != 0)
                return r < 0 ? r : CGROUP_E_NONE;
        return cgroup_of_process(proc_fd, parent.directory_fd, ret_fd);
}
