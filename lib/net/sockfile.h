/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A socket table of /proc/net, read in parts.
 */

#ifndef NET_SOCKFILE_H
#define NET_SOCKFILE_H

#include "net/socktable.h"

enum {
        SOCKFILE_E_NONE = 1, /* this kernel has no such table (no IPv6, say) */
        SOCKFILE_E_HEADER,   /* it is not as the kernel writes it */
};

/* Told each row; what is not 0 ends the walk and is returned. */
typedef int (*sockfile_take)(void *context, const struct socktable_row *row);

int sockfile_walk(int directory_fd, const char *path, sockfile_take take, void *context);

#endif
