/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A process as /proc shows it.
 *
 * Owns: whether a process is sshd, and who its parent is.
 * Relies on: proc(5). An open folder of /proc belongs to its process for ever, not to the number
 * (proc_pid_lookup() in fs/proc/base.c). Its owner is the effective uid, dumpable or not
 * (task_dump_owner()). OpenSSH 9.8 split sshd-session off sshd, 10.0 split sshd-auth off that.
 * Does not: trust comm if /proc/<pid>/exe can be read, because a program can write its own comm.
 */

#include "net/process.h"

#include "base/file.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROCESS_STAT_MAX 4096

/* Fields of proc(5) behind comm, counted as there. */
#define PROCESS_FIELD_STATE 3
#define PROCESS_FIELD_PARENT 4
#define PROCESS_FIELD_SESSION 6
#define PROCESS_FIELD_TERMINAL 7
#define PROCESS_FIELD_CHILD_FAULTS 11
#define PROCESS_FIELD_START 22

/**
 * process_stat_parse() - read the text of /proc/<pid>/stat
 * @data:       its bytes
 * @size:       how many
 * @ret_stat:   what is needed of it
 *
 * comm may itself have blanks, line feeds and parentheses: the last one closes it.
 *
 * Return: 0, or -EINVAL.
 */
int process_stat_parse(const char *data, size_t size, struct process_stat *ret_stat) {
        struct process_stat stat = { 0 };
        const char *open, *close, *at, *end = data + size;
        uint64_t parent = 0, session = 0, terminal = 0;
        size_t length;

        open = memchr(data, '(', size);
        close = memrchr(data, ')', size);
        if (!open || !close || close < open)
                return -EINVAL;
        length = (size_t)(close - open) - 1;
        if (length >= sizeof(stat.comm) || memchr(open + 1, '\0', length))
                return -EINVAL;
        memcpy(stat.comm, open + 1, length);

        at = close + 1;
        for (int field = PROCESS_FIELD_STATE; field <= PROCESS_FIELD_START; field++) {
                const char *begin;
                int r = 0;

                if (at == end || *at++ != ' ')
                        return -EINVAL;
                begin = at;
                while (at < end && *at != ' ' && *at != '\n')
                        at++;

                length = (size_t)(at - begin);
                if (field == PROCESS_FIELD_PARENT)
                        r = number_parse(begin, length, 10, INT_MAX, &parent);
                else if (field == PROCESS_FIELD_SESSION)
                        (void)number_parse(begin, length, 10, INT_MAX, &session);
                else if (field == PROCESS_FIELD_TERMINAL)
                        (void)number_parse(begin, length, 10, UINT32_MAX, &terminal);
                else if (field == PROCESS_FIELD_CHILD_FAULTS)
                        (void)number_parse(begin, length, 10, UINT64_MAX, &stat.child_faults);
                else if (field == PROCESS_FIELD_START)
                        r = number_parse(begin, length, 10, UINT64_MAX, &stat.start);
                if (r < 0 || !length)
                        return -EINVAL;
        }
        /* a number that ends with the bytes may have been cut off */
        if (at == end)
                return -EINVAL;
        stat.parent = (pid_t)parent;
        stat.session = (pid_t)session;
        stat.terminal = terminal;

        *ret_stat = stat;
        return 0;
}

/**
 * process_stat_read() - read a file "stat"
 * @directory_fd:       an open folder
 * @path:               the file below it
 * @ret_stat:           what is needed of it
 *
 * Return: 0, PROCESS_E_NONE, or a negative errno.
 */
int process_stat_read(int directory_fd, const char *path, struct process_stat *ret_stat) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        int r;

        r = file_read_at(directory_fd, path, PROCESS_STAT_MAX, &text, &size);
        if (r == -ENOENT || r == -ESRCH)
                return PROCESS_E_NONE;
        if (r)
                return r < 0 ? r : -EBADMSG;
        return process_stat_parse(text, size, ret_stat) < 0 ? -EBADMSG : 0;
}

/**
 * process_name_is_sshd() - tell whether a program is sshd by its name
 * @name:       the name of a process or of a file
 *
 * Return: true if so.
 */
bool process_name_is_sshd(const char *name) {
        static const char *const names[] = { "sshd", "sshd-session", "sshd-auth" };

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                if (strcmp(name, names[i]) == 0)
                        return true;
        return false;
}

/* Whether the program is sshd; an upgrade may have replaced its file meanwhile. */
static bool process_is_sshd(int directory_fd, const char *comm) {
        static const char deleted[] = " (deleted)";
        const size_t tail = sizeof(deleted) - 1;
        char path[PATH_MAX];
        const char *name;
        ssize_t n;

        n = readlinkat(directory_fd, "exe", path, sizeof(path) - 1);
        if (n < 0)
                return process_name_is_sshd(comm);
        path[n] = '\0';

        if ((size_t)n > tail && strcmp(path + n - tail, deleted) == 0)
                path[(size_t)n - tail] = '\0';
        name = strrchr(path, '/');
        return process_name_is_sshd(name ? name + 1 : path);
}

/**
 * process_open() - take hold of a process
 * @proc_fd:            an open /proc
 * @pid:                its number there
 * @ret_process:        the process; process_closep() lets it go
 *
 * Return: 0, PROCESS_E_NONE, or a negative errno.
 */
int process_open(int proc_fd, pid_t pid, struct process *ret_process) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;
        char name[3 * sizeof(pid) + 1];
        struct stat status;
        int r;

        (void)snprintf(name, sizeof(name), "%d", (int)pid);
        process.directory_fd = openat(proc_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (process.directory_fd < 0)
                return errno == ENOENT || errno == ESRCH ? PROCESS_E_NONE : -errno;
        if (fstat(process.directory_fd, &status) < 0)
                return -errno;
        process.pid = pid;
        process.uid = status.st_uid;

        r = process_stat_read(process.directory_fd, "stat", &process.stat);
        if (r)
                return r;
        process.is_sshd = process_is_sshd(process.directory_fd, process.stat.comm);

        *ret_process = process;
        (void)fd_steal(&process.directory_fd);
        return 0;
}

/**
 * process_open_parent() - take hold of the parent
 * @proc_fd:            an open /proc
 * @child:              the process
 * @ret_process:        its parent; process_closep() lets it go
 *
 * A parent that ended meanwhile may have left its number to somebody else, who then began after
 * the child did.
 *
 * Return: 0, PROCESS_E_NONE, or a negative errno.
 */
int process_open_parent(int proc_fd, const struct process *child, struct process *ret_process) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;
        int r;

        if (child->stat.parent <= 0)
                return PROCESS_E_NONE;
        r = process_open(proc_fd, child->stat.parent, &process);
        if (r)
                return r;
        if (process.stat.start > child->stat.start)
                return PROCESS_E_NONE;

        *ret_process = process;
        (void)fd_steal(&process.directory_fd);
        return 0;
}
