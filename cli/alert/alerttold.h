/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Of whom `alert --once` has told.
 */

#ifndef CLI_ALERTTOLD_H
#define CLI_ALERTTOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALERTTOLD_NAME_MAX 64

struct alerttold {
        const char *folder; /* the state folder */
        char name[ALERTTOLD_NAME_MAX];
        char *text; /* NULL: nobody; a line for the span's begin, and one for each user */
        size_t size;
};

void alerttold_read(struct alerttold *told, const char *span, const char *direction, uint64_t over,
                    uint64_t since);
void alerttold_clear(struct alerttold *told);
bool alerttold_has(const struct alerttold *told, const char *user);
int alerttold_add(struct alerttold *told, const char *user);
int alerttold_write(const struct alerttold *told);

#endif
