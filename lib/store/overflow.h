/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where files of the state folder are written while its file system is full.
 *
 * Owns: the folder for them, which is on a file system that users cannot fill: below /run.
 * Otherwise a user who uses up the blocks or inodes of the state folder's file system would be in
 * no record. Each state folder has an overflow of its own, named by device and inode, so sessions
 * of two state folders do not mix.
 * Relies on: users cannot fill /run. The overflow is lost with a reboot.
 */

#ifndef STORE_OVERFLOW_H
#define STORE_OVERFLOW_H

#include <stdbool.h>

bool overflow_is_for(int error);
int overflow_open(int folder_fd, const char *kind, bool make, int *ret_fd);
bool overflow_has(int folder_fd, const char *kind, const char *name);

#endif
