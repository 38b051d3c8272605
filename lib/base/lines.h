/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Cutting a stream of bytes into lines, in a buffer of fixed size.
 *
 * Owns: the buffer. A line that does not fit is skipped and reported as too long; it needs no more
 * memory than any other line.
 * Does not: read. The caller puts the bytes into the buffer.
 */

#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines;

struct line {
        char *text;  /* a NUL in the newline's place; valid until lines_room(); "" if too long */
        size_t size; /* without that NUL */
        uint64_t number; /* 1 is the first */
        uint64_t offset; /* of its first byte; 0 is the first that was ever added */
        uint64_t end;    /* ... of the byte behind its newline */
        bool too_long;
};

enum {
        LINES_E_MORE = 1, /* no newline in what was added so far */
};

int lines_new(size_t maximum, struct lines **ret_lines);
struct lines *lines_free(struct lines *lines);
CLEANUP_DEFINE(struct lines, lines_free)

char *lines_room(struct lines *lines, size_t *ret_room);
void lines_add(struct lines *lines, size_t size);
int lines_next(struct lines *lines, struct line *ret_line);
bool lines_rest(const struct lines *lines, struct line *ret_line);

#endif
