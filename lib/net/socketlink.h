/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The link of a descriptor in /proc/<pid>/fd, if the descriptor is a socket.
 */

#ifndef NET_SOCKETLINK_H
#define NET_SOCKETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool socketlink_parse(const char *link, size_t size, uint64_t *ret_inode);
int socketlink_read(int directory_fd, const char *name, uint64_t *ret_inode);

#endif
