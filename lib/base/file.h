/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whole files: reading one with a size limit, replacing one in a single step.
 */

#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
        FILE_E_TOO_LARGE = 1, /* the file has more bytes than the bound */
};

ssize_t file_read_some(int fd, char *data, size_t size);
ssize_t file_read_some_from(int fd, char *data, size_t size, int64_t offset);
int file_read(int fd, size_t maximum, char **ret_data, size_t *ret_size);
int file_read_at(int directory_fd, const char *path, size_t maximum, char **ret_data,
                 size_t *ret_size);
int file_probe_at(int directory_fd);
int file_write(int fd, const char *data, size_t size);
int file_replace_at(int directory_fd, const char *name, const char *data, size_t size, bool sync);

#endif
