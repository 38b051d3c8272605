/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A folder of /proc whose entries are numbers: processes, descriptors, threads.
 */

#ifndef NET_NUMBERED_H
#define NET_NUMBERED_H

#include <dirent.h>
#include <stddef.h>

struct numbered {
        DIR *folder;
};

#define NUMBERED_NULL \
        { NULL }

int numbered_open(int directory_fd, const char *path, struct numbered *ret_numbered);
int numbered_next(const struct numbered *numbered, int *ret_number, const char **ret_name);

/* For openat(2) and the like; stays @numbered's. */
static inline int numbered_fd(const struct numbered *numbered) {
        return dirfd(numbered->folder);
}

static inline void numbered_closep(struct numbered *numbered) {
        if (numbered->folder)
                (void)closedir(numbered->folder);
        numbered->folder = NULL;
}

#endif
