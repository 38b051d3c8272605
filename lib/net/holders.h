/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which process holds which socket.
 */

#ifndef PAM_TRAFFIC_NET_HOLDERS_H
#define PAM_TRAFFIC_NET_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Told each socket of each process; a socket that several hold, or one twice, is told as often. */
typedef void (*holders_take)(void *context, pid_t pid, uint64_t inode);

int holders_of(int process_fd, pid_t pid, holders_take take, void *context);
int holders_walk(int proc_fd, holders_take take, void *context, uint64_t *ret_unreadable);

bool holders_link_parse(const char *link, size_t size, uint64_t *ret_inode);

#endif
