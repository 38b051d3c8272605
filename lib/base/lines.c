/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Cutting a stream of bytes into lines, in a buffer of fixed size.
 *
 * Owns: the buffer, which has room for one line of the greatest length with its newline; and the
 * count of lines and bytes, including those of lines that were skipped.
 */

#include "base/lines.h"

#include <string.h>

struct lines {
        size_t maximum;
        size_t begin;     /* of the line that comes next, in the room */
        size_t searched;  /* no newline before this */
        size_t end;       /* of what was added */
        bool passing;     /* the line that comes next is too long; its begin is gone */
        uint64_t number;  /* lines handed out so far */
        uint64_t offset;  /* where the line that comes next began */
        uint64_t dropped; /* bytes of it that are gone */
        char room[];
};

/**
 * lines_new() - begin with no bytes
 * @maximum:    the greatest length of a line, without its newline
 * @ret_lines:  the lines
 *
 * Return: 0 or -ENOMEM.
 */
int lines_new(size_t maximum, struct lines **ret_lines) {
        struct lines *lines;

        lines = malloc(sizeof(*lines) + maximum + 1);
        if (!lines)
                return -ENOMEM;
        *lines = (struct lines){ .maximum = maximum };
        *ret_lines = lines;
        return 0;
}

/**
 * lines_free() - end what lines_new() began
 * @lines:      the lines, or NULL
 *
 * Return: NULL.
 */
struct lines *lines_free(struct lines *lines) {
        free(lines);
        return NULL;
}

/**
 * lines_room() - tell where the next bytes may be put
 * @lines:      the lines; lines_next() said LINES_E_MORE
 * @ret_room:   how many bytes may be put there, at least one
 *
 * Return: the place.
 */
char *lines_room(struct lines *lines, size_t *ret_room) {
        if (lines->begin) {
                memmove(lines->room, lines->room + lines->begin, lines->end - lines->begin);
                lines->searched -= lines->begin;
                lines->end -= lines->begin;
                lines->begin = 0;
        }
        *ret_room = lines->maximum + 1 - lines->end;
        return lines->room + lines->end;
}

/**
 * lines_add() - say that bytes were put into the room
 * @lines:      the lines
 * @size:       how many, at most what lines_room() said
 */
void lines_add(struct lines *lines, size_t size) {
        lines->end += size;
}

static void lines_describe(const struct lines *lines, size_t size, struct line *ret_line) {
        *ret_line = (struct line){
                .size = lines->passing ? 0 : size,
                .number = lines->number + 1,
                .offset = lines->offset,
                .end = lines->offset + lines->dropped + size,
                .too_long = lines->passing,
        };
}

/**
 * lines_next() - take the next line
 * @lines:      the lines
 * @ret_line:   the line
 *
 * Return: 0, or LINES_E_MORE.
 */
int lines_next(struct lines *lines, struct line *ret_line) {
        char *begin = lines->room + lines->begin;
        char *newline = memchr(lines->room + lines->searched, '\n', lines->end - lines->searched);

        if (!newline) {
                lines->searched = lines->end;
                if (lines->end - lines->begin > lines->maximum) {
                        lines->dropped += lines->end - lines->begin;
                        lines->passing = true;
                        lines->begin = lines->searched = lines->end = 0;
                }
                return LINES_E_MORE;
        }

        *newline = '\0';
        lines_describe(lines, (size_t)(newline - begin), ret_line);
        ret_line->text = lines->passing ? newline : begin;
        ret_line->end++;

        lines->number++;
        lines->offset = ret_line->end;
        lines->dropped = 0;
        lines->passing = false;
        lines->begin = lines->searched = (size_t)(newline + 1 - lines->room);
        return 0;
}

/**
 * lines_rest() - tell what stands behind the last newline, once there are no more bytes
 * @lines:      the lines; lines_next() said LINES_E_MORE
 * @ret_line:   what stands there, without its text
 *
 * Return: true if something stands there.
 */
bool lines_rest(const struct lines *lines, struct line *ret_line) {
        if (lines->begin == lines->end && !lines->dropped)
                return false;
        lines_describe(lines, lines->end - lines->begin, ret_line);
        return true;
}
