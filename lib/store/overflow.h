/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where files of the state folder are written while its file system has no room.
 *
 * Owns: the folder, which is on a file system that users cannot fill: below /run. A user who uses
 * up the blocks or inodes of the state folder's file system would else be in no record. It is for a
 * state folder, by device and inode: another one's sessions are none of its own.
 * Relies on: users cannot fill /run. It does not outlast the kernel.
 */

#ifndef STORE_OVERFLOW_H
#define STORE_OVERFLOW_H

#include <stdbool.h>

bool overflow_is_for(int error);
int overflow_open(int folder_fd, const char *kind, bool make, int *ret_fd);
bool overflow_has(int folder_fd, const char *kind, const char *name);

#endif
