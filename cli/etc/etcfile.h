/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file of /etc that is to be changed: read with suspicion, replaced in one step.
 */

#ifndef CLI_ETCFILE_H
#define CLI_ETCFILE_H

#include <stddef.h>
#include <sys/stat.h>

struct etcfile {
        int folder_fd;
        int fd;
        char *name; /* in its folder */
        char *data;
        size_t size;
        struct stat st;
};

#define ETCFILE_INIT \
        { .folder_fd = -1, .fd = -1 }

int etcfile_open(const char *path, size_t maximum, struct etcfile *file, const char **ret_reason);
void etcfile_close(struct etcfile *file);
int etcfile_replace(const struct etcfile *file, const char *data, size_t size);
int etcfile_compare(const struct etcfile *file, const char *data, size_t size);

#endif
