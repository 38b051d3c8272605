/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which process has which socket open.
 */

#ifndef NET_HOLDERS_H
#define NET_HOLDERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where holders are looked for. Nearly all sockets have one in the first place. */
enum holders_place {
        HOLDERS_HERE,      /* the processes of this network namespace */
        HOLDERS_ELSEWHERE, /* those of others, which may have left this one with a socket open; and
                            * threads with descriptors of their own */
};

/* Told each socket of each process; a socket that several hold, or one twice, is told as often. */
typedef void (*holders_take)(void *context, pid_t pid, uint64_t inode);

int holders_of(int process_fd, pid_t pid, holders_take take, void *context);
int holders_walk(int proc_fd, enum holders_place place, holders_take take, void *context,
                 uint64_t *ret_unreadable);

#endif
