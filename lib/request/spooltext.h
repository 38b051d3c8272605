/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A request as the target of a symbolic link.
 *
 * Owns: the form. If no helper can start, or none can write, the module leaves its request in the
 * spool folder. It cannot write a file there: with a limit on file sizes (RLIMIT_FSIZE, set for the
 * user or inherited) the kernel sends SIGXFSZ to the process that writes, which is sshd. The target
 * of a link is not written like a file, and has room for 4,095 bytes without a NUL (symlink(2)).
 */

#ifndef REQUEST_SPOOLTEXT_H
#define REQUEST_SPOOLTEXT_H

#include <stddef.h>

#define SPOOLTEXT_MAX 4096 /* with the zero at its end */

int spooltext_encode(const char *data, size_t size, char *text, size_t room);
int spooltext_decode(const char *text, char *data, size_t room, size_t *ret_size);

#endif
