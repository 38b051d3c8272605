/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file of the state folder: a JSON object that describes a session or a port.
 *
 * Owns: how such a file is read, written, listed and moved out of the way, and what is wrong with
 * it.
 * Does not: know what is in it; a table of fields does (fields.h).
 */

#ifndef STORE_STATEFILE_H
#define STORE_STATEFILE_H

#include "store/fields.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for a name, and what may come behind it. */
#define STATEFILE_NAME_MAX 96

enum {
        STATE_E_NOT_FOUND = 1, /* nothing is known of it */
        STATE_E_INVALID,       /* the file is damaged; what and where is handed out */
};

/* What its files hold, and where they are. */
struct statefile_kind {
        const struct field *fields;
        size_t n_fields;
        size_t object_size;
        const char *folder; /* within the state folder */
        size_t limit;       /* no file is larger */
};

int statefile_new(const struct statefile_kind *kind, void **ret_object);
int statefile_encode(const struct statefile_kind *kind, const void *object, char **ret_data,
                     size_t *ret_size);
int statefile_decode(const struct statefile_kind *kind, const char *data, size_t size, void *object,
                     const char **ret_field);

int statefile_read(const struct statefile_kind *kind, int folder_fd, const char *name,
                   char **ret_data, size_t *ret_size, const char **ret_field);
int statefile_write(const struct statefile_kind *kind, int folder_fd, const char *name,
                    const char *data, size_t size, bool sync);
int statefile_set_aside(const struct statefile_kind *kind, int folder_fd, const char *name);
bool statefile_is_outdated(const struct statefile_kind *kind, int folder_fd, const char *name);
bool statefile_is_aside(const struct statefile_kind *kind, int folder_fd, const char *name);
int statefile_remove(const struct statefile_kind *kind, int folder_fd, const char *name);
int statefile_list(const struct statefile_kind *kind, int folder_fd,
                   int (*take)(const char *name, void *data), void *data);

#endif
