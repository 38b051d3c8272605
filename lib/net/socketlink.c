/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The link of a descriptor in /proc/<pid>/fd, if the descriptor is a socket.
 *
 * Relies on: sockfs_dname() in net/socket.c writes "socket:[<inode>]".
 */

#include "net/socketlink.h"

#include "base/number.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define SOCKETLINK_MAX 64

static const char socketlink_begin[] = "socket:[";

/**
 * socketlink_parse() - read where a descriptor's link leads
 * @link:       its text, which needs no NUL
 * @size:       how many bytes
 * @ret_inode:  the socket's inode
 *
 * Return: true if it is a socket.
 */
bool socketlink_parse(const char *link, size_t size, uint64_t *ret_inode) {
        const size_t begin = sizeof(socketlink_begin) - 1;

        return size > begin && !memcmp(link, socketlink_begin, begin) && link[size - 1] == ']' &&
               number_parse(link + begin, size - begin - 1, 10, UINT64_MAX, ret_inode) == 0;
}

/**
 * socketlink_read() - read a descriptor's link
 * @directory_fd:       the folder /proc/<pid>/fd
 * @name:               the descriptor's number
 * @ret_inode:          the socket's inode
 *
 * Return: 0, -EINVAL if it is no socket, or another negative errno, as where it is gone.
 */
int socketlink_read(int directory_fd, const char *name, uint64_t *ret_inode) {
        char link[SOCKETLINK_MAX];
        ssize_t n = readlinkat(directory_fd, name, link, sizeof(link));

        if (n < 0)
                return -errno;
        return socketlink_parse(link, (size_t)n, ret_inode) ? 0 : -EINVAL;
}
