/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A made-up /proc for tests.
 *
 * Relies on: proc(5) for how /proc/<pid>/stat, exe and fd look; test-process.c compares with the
 * real one.
 */

#include "proc.h"

#include "base/cleanup.h"
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned int proc_count_fds(void) {
        DIR *directory = opendir("/proc/self/fd");
        unsigned int n = 0;

        assert_non_null(directory);
        while (readdir(directory))
                n++;
        assert_int_equal(closedir(directory), 0);
        return n;
}

static int proc_remove(const char *path, const struct stat *status, int type, struct FTW *ftw) {
        (void)status;
        (void)type;
        (void)ftw;
        return remove(path);
}

/**
 * proc_setup() - make the folder
 * @state:      is given a struct proc
 *
 * Return: 0.
 */
int proc_setup(void **state) {
        struct proc *proc = calloc(1, sizeof(*proc));

        assert_non_null(proc);
        (void)snprintf(proc->path, sizeof(proc->path), "/tmp/pam_traffic-proc.XXXXXX");
        assert_non_null(mkdtemp(proc->path));
        proc->fd = open(proc->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(proc->fd >= 0);
        proc->open_fds = proc_count_fds();
        *state = proc;
        return 0;
}

/**
 * proc_teardown() - remove the folder
 * @state:      what proc_setup() made
 *
 * Return: 0; it fails where the test left a descriptor open.
 */
int proc_teardown(void **state) {
        struct proc *proc = *state;
        unsigned int open_fds = proc_count_fds();
        unsigned int expected = proc->open_fds;

        (void)fd_close(proc->fd);
        assert_int_equal(nftw(proc->path, proc_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(proc);
        assert_int_equal(open_fds, expected);
        return 0;
}

/**
 * proc_write() - write a file of a process
 * @proc:       the folder
 * @pid:        the process
 * @name:       the file's path in the process's folder
 * @text:       what it has
 */
void proc_write(const struct proc *proc, int pid, const char *name, const char *text) {
        char path[PATH_MAX];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/%d/%s", proc->path, pid, name);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

/**
 * proc_add() - make a process, without descriptors and tables
 * @proc:       the folder
 * @process:    what it is; another uid than the own one needs root
 */
void proc_add(const struct proc *proc, const struct proc_process *process) {
        char path[PATH_MAX], text[512];

        (void)snprintf(path, sizeof(path), "%s/%d", proc->path, process->pid);
        assert_int_equal(mkdir(path, 0755), 0);
        if (process->uid != geteuid())
                assert_int_equal(chown(path, process->uid, (gid_t)-1), 0);
        (void)snprintf(path, sizeof(path), "%s/%d/fd", proc->path, process->pid);
        assert_int_equal(mkdir(path, 0755), 0);
        (void)snprintf(path, sizeof(path), "%s/%d/net", proc->path, process->pid);
        assert_int_equal(mkdir(path, 0755), 0);

        (void)snprintf(text, sizeof(text),
                       "%d (%s) S %d 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 %u 23\n",
                       process->pid, process->comm, process->parent, process->start);
        proc_write(proc, process->pid, "stat", text);

        (void)snprintf(path, sizeof(path), "%s/%d/exe", proc->path, process->pid);
        if (process->exe)
                assert_int_equal(symlink(process->exe, path), 0);
}

/**
 * proc_add_fd() - give a process a descriptor
 * @proc:       the folder
 * @pid:        the process
 * @fd:         the descriptor's number
 * @target:     what its link reads
 */
void proc_add_fd(const struct proc *proc, int pid, int fd, const char *target) {
        char path[PATH_MAX];

        (void)snprintf(path, sizeof(path), "%s/%d/fd/%d", proc->path, pid, fd);
        assert_int_equal(symlink(target, path), 0);
}

/**
 * proc_add_socket() - give a process a socket
 * @proc:       the folder
 * @pid:        the process
 * @fd:         the descriptor's number
 * @inode:      the socket's inode
 */
void proc_add_socket(const struct proc *proc, int pid, int fd, uint64_t inode) {
        char target[64];

        (void)snprintf(target, sizeof(target), "socket:[%" PRIu64 "]", inode);
        proc_add_fd(proc, pid, fd, target);
}
