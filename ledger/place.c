/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where the users' ledger is put: the root of cgroup2, the BPF file system, the network namespace.
 *
 * Relies on: cgroups(7): cgroup2 is mounted at /sys/fs/cgroup, on a hybrid host at
 * /sys/fs/cgroup/unified. systemd mounts the BPF file system; where nobody has, this does.
 */

#include "place.h"

#include "base/base.h"
#include "usermap/userlayout.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* linux/socket.h of Linux 5.14; Debian 12's C library does not have it */
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static bool place_is(const char *path, unsigned int magic) {
        struct statfs st;

        return !statfs(path, &st) && (unsigned int)st.f_type == magic;
}

/**
 * place_cgroup() - open the root of cgroup2, as far as this process sees it
 * @ret_fd:     the folder
 *
 * Return: 0, or a negative errno: -ENODEV if cgroup2 is not mounted where it belongs.
 */
int place_cgroup(int *ret_fd) {
        static const char *const paths[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

        for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
                if (place_is(paths[i], CGROUP2_SUPER_MAGIC)) {
                        *ret_fd = open(paths[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                        return *ret_fd < 0 ? -errno : 0;
                }
        return -ENODEV;
}

/**
 * place_mount() - mount the BPF file system, unless it is
 *
 * Return: 0, or a negative errno.
 */
int place_mount(void) {
        if (place_is(USERLAYOUT_MOUNT, BPF_FS_MAGIC))
                return 0;
        return mount("bpf", USERLAYOUT_MOUNT, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                     "mode=0700") < 0
                       ? -errno
                       : 0;
}

/* Whether the user namespace that owns this network namespace is our own. */
static int place_is_owned(void) {
        _cleanup_(fd_closep) int fd = -1, owner_fd = -1;
        struct stat own, owner;

        fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        owner_fd = fd < 0 ? -1 : ioctl(fd, NS_GET_USERNS);
        if (owner_fd < 0 || fstat(owner_fd, &owner) < 0 || stat("/proc/self/ns/user", &own) < 0)
                return -errno;
        return own.st_dev == owner.st_dev && own.st_ino == owner.st_ino;
}

/**
 * place_netns() - tell in which network namespace a socket's uid can be asked of the socket
 * @ret_cookie: its cookie: it is that of this process
 *
 * In another namespace the kernel would tell the uid as that namespace's owner has mapped it.
 *
 * Return: 0, or a negative errno: -EXDEV if this process is in somebody's namespace itself,
 *         -ENOPROTOOPT if the kernel is too old.
 */
int place_netns(uint64_t *ret_cookie) {
        _cleanup_(fd_closep) int fd = -1;
        socklen_t size = sizeof(*ret_cookie);
        int r = place_is_owned();

        if (r <= 0)
                return r < 0 ? r : -EXDEV;
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret_cookie, &size) < 0)
                return -errno;
        return 0;
}
