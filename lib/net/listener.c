/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sshd that waits for logins.
 *
 * Owns: which process that is: of root's sshd processes whose parent is no sshd, the oldest that
 * has a listening TCP socket. A monitor that outlived its listener has no sshd as parent either. It
 * is older than the new listener, and has what PAM gave to one user. It has closed the listener's
 * sockets, but has listening sockets of its own if root logged in with `ssh -R`. So a process that
 * also has a connection is the last choice. (The listener has a connection only from accept(2)
 * until it has forked.) A host also sees the sshd processes of its containers. So only a process in
 * our own pid, user and network namespaces is taken: what we read from it, or enter, then belongs
 * to this host's root.
 * Relies on: proc(5), namespaces(7), prlimit(2), setns(2), capabilities(7). The process of a login
 * is a copy of the listener (fork(2)): it has the listener's limits, mounts, capability bounds and
 * security domain.
 * Does not: know what PAM changes for one user: pam_limits(8), pam_namespace(8).
 */

#include "net/listener.h"

#include "base/file.h"
#include "base/number.h"
#include "net/numbered.h"
#include "net/process.h"
#include "net/tcpsocket.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define LISTENER_DOMAIN_MAX 4096
#define LISTENER_STATUS_MAX 16384

/* Whether a namespace of a process, or its root, is our own. */
static bool listener_shares(int proc_fd, int directory_fd, const char *name) {
        struct stat ours, theirs;
        char path[32];

        (void)snprintf(path, sizeof(path), "self/%s", name);
        return !fstatat(proc_fd, path, &ours, 0) &&
               !fstatat(directory_fd, path + strlen("self/"), &theirs, 0) &&
               ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* By what is cheap to ask. */
static bool listener_may_be(int proc_fd, const struct process *process) {
        _cleanup_(process_closep) struct process parent = PROCESS_NULL;
        static const char *const names[] = { "ns/pid", "ns/user", "ns/net" };

        if (!process->is_sshd || process->uid != 0)
                return false;
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                if (!listener_shares(proc_fd, process->directory_fd, names[i]))
                        return false;
        return process_open_parent(proc_fd, process, &parent) || !parent.is_sshd;
}

/* What a process is, by its sockets; the least is the best. */
enum listener_rank {
        LISTENER_SURE,    /* it listens */
        LISTENER_LIKELY,  /* it listens, and has a connection */
        LISTENER_UNKNOWN, /* its sockets may not be asked (seccomp, Yama) */
        LISTENER_NOT,
};

/* Its folder is opened behind the pidfd: then both are of the same process. */
static enum listener_rank listener_rank(const struct process *process) {
        bool listens = false, connected = false, refused = false;
        _cleanup_(numbered_closep) struct numbered fds = NUMBERED_NULL;
        _cleanup_(fd_closep) int pidfd = -1;
        const char *name;
        int r, fd;

        r = tcpsocket_open_holder(process->pid, &pidfd);
        if (r)
                return r == -ESRCH ? LISTENER_NOT : LISTENER_UNKNOWN;
        r = numbered_open(process->directory_fd, "fd", &fds);
        if (r)
                return r == -EACCES || r == -EPERM ? LISTENER_UNKNOWN : LISTENER_NOT;
        while (!numbered_next(&fds, &fd, &name)) {
                enum tcpsocket_role role;

                r = tcpsocket_role(pidfd, fd, &role);
                refused = refused || r == -EPERM || r == -ENOSYS;
                listens = listens || (!r && role == TCPSOCKET_LISTENS);
                connected = connected || (!r && role == TCPSOCKET_CONNECTED);
        }
        if (listens)
                return connected ? LISTENER_LIKELY : LISTENER_SURE;
        return refused ? LISTENER_UNKNOWN : LISTENER_NOT;
}

/**
 * listener_find() - find it
 * @proc_fd:            an open /proc
 * @ret_listener:       to be given to listener_close()
 *
 * Return: 0, LISTENER_E_NONE (none runs, or systemd listens in its place), or a negative errno.
 */
int listener_find(int proc_fd, struct listener *ret_listener) {
        _cleanup_(listener_close) struct listener found = LISTENER_NULL;
        _cleanup_(numbered_closep) struct numbered processes = NUMBERED_NULL;
        enum listener_rank best = LISTENER_NOT;
        uint64_t start = UINT64_MAX;
        const char *name;
        int r, pid;

        r = numbered_open(proc_fd, ".", &processes);
        if (r < 0)
                return r;
        while (!numbered_next(&processes, &pid, &name)) {
                _cleanup_(process_closep) struct process process = PROCESS_NULL;
                enum listener_rank rank;

                if (process_open(proc_fd, pid, &process) || !listener_may_be(proc_fd, &process))
                        continue;
                rank = listener_rank(&process);
                if (rank > best || rank == LISTENER_NOT ||
                    (rank == best && process.stat.start >= start))
                        continue;
                listener_close(&found);
                found.pid = process.pid;
                found.directory_fd = fd_steal(&process.directory_fd);
                start = process.stat.start;
                best = rank;
        }
        if (found.directory_fd < 0)
                return LISTENER_E_NONE;
        *ret_listener = found;
        found.directory_fd = -1;
        return 0;
}

/**
 * listener_close() - give back what listener_find() handed out
 * @listener:   the listener
 */
void listener_close(struct listener *listener) {
        listener->directory_fd = fd_close(listener->directory_fd);
}

/**
 * listener_take_limits() - give this process the limits that a login begins with
 * @listener:   the listener
 *
 * For good, where they are lower: CAP_SYS_RESOURCE may be missing.
 *
 * Return: 0, or a negative errno: one of them could not be read or taken over; the others were.
 */
int listener_take_limits(const struct listener *listener) {
        int r = 0;

        for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
                struct rlimit limit;

                if (prlimit(listener->pid, (__rlimit_resource_t)i, NULL, &limit) < 0 ||
                    setrlimit((__rlimit_resource_t)i, &limit) < 0)
                        r = -errno;
        }
        return r;
}

/**
 * listener_take_bounds() - let no program that is run from here have more capabilities than it may
 * @listener:   the listener
 *
 * Its unit may keep some from it (CapabilityBoundingSet=); what this process has itself stays.
 *
 * Return: 0, or a negative errno (-EPERM: without CAP_SETPCAP).
 */
int listener_take_bounds(const struct listener *listener) {
        static const char key[] = "\nCapBnd:\t";
        _cleanup_(freep) char *text = NULL;
        uint64_t bounds;
        const char *found;
        size_t size;
        int r;

        r = file_read_at(listener->directory_fd, "status", LISTENER_STATUS_MAX, &text, &size);
        if (r)
                return r < 0 ? r : -EFBIG;
        found = strstr(text, key);
        if (!found)
                return -EBADMSG;
        found += strlen(key);
        if (number_parse(found, strcspn(found, "\n"), 16, UINT64_MAX, &bounds) < 0)
                return -EBADMSG;
        for (unsigned long i = 0; i < 64; i++)
                /* 1: we may have it; -1: the kernel knows no more of them */
                if (!(bounds >> i & 1) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1 &&
                    prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
                        r = -errno;
        return r;
}

/**
 * listener_enter_mounts() - see the files as it sees them
 * @proc_fd:    an open /proc
 * @listener:   the listener
 *
 * Its unit may have a file system of its own (ProtectSystem=), or another root. The caller has one
 * thread; its working folder becomes that root.
 *
 * Return: 0, LISTENER_E_NONE if that is where this process is, or a negative errno (-EPERM: without
 *         CAP_SYS_ADMIN or CAP_SYS_CHROOT).
 */
int listener_enter_mounts(int proc_fd, const struct listener *listener) {
        bool same = listener_shares(proc_fd, listener->directory_fd, "ns/mnt");
        _cleanup_(fd_closep) int fd = -1, root_fd = -1;

        if (same && listener_shares(proc_fd, listener->directory_fd, "root"))
                return LISTENER_E_NONE;
        fd = openat(listener->directory_fd, "ns/mnt", O_RDONLY | O_CLOEXEC);
        root_fd = openat(listener->directory_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || root_fd < 0 || (!same && setns(fd, CLONE_NEWNS) < 0))
                return -errno;
        /* setns(2) made it the root of the namespace */
        return fchdir(root_fd) < 0 || chroot(".") < 0 ? -errno : 0;
}

/**
 * listener_is_confined() - tell whether it is in another domain of a security module than we are
 * @proc_fd:    an open /proc
 * @listener:   the listener
 *
 * Where none has domains, attr/current cannot be read, or is the same. A process cannot go into
 * that domain: policies let init alone do so.
 *
 * Return: false also where nothing tells.
 */
bool listener_is_confined(int proc_fd, const struct listener *listener) {
        _cleanup_(freep) char *ours = NULL, *theirs = NULL;
        size_t size;

        if (file_read_at(proc_fd, "self/attr/current", LISTENER_DOMAIN_MAX, &ours, &size) ||
            file_read_at(listener->directory_fd, "attr/current", LISTENER_DOMAIN_MAX, &theirs,
                         &size))
                return false;
        return strcmp(ours, theirs) != 0;
}
