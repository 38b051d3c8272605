/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Lines for the record log that are made, but perhaps not yet in it.
 */

#include "store/pending.h"

#include "base/cleanup.h"
#include "store/fields.h"
#include "store/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * pending_is_sound() - tell whether there are whole lines only
 * @pending:    the lines, as they were read
 *
 * Return: true also if there are none.
 */
bool pending_is_sound(const struct pending *pending) {
        const char *lines = pending->lines;

        return !lines || (*lines && lines[strlen(lines) - 1] == '\n');
}

/**
 * pending_add() - make one more line pending
 * @pending:    the lines
 * @log:        the log's path
 * @line:       the line, with its newline; copied
 *
 * Return: 0 or -ENOMEM.
 */
int pending_add(struct pending *pending, const char *log, const char *line) {
        struct logfind_position position;
        char *lines = NULL;

        if (asprintf(&lines, "%s%s", pending->lines ? pending->lines : "", line) < 0)
                return -ENOMEM;
        if (!pending->lines) {
                logfind_position(log, &position);
                pending->inode = position.inode;
                pending->offset = position.offset;
        }
        free(pending->lines);
        pending->lines = lines;
        return 0;
}

/**
 * pending_look() - take the lines that are in the log already out
 * @pending:    the lines
 * @log:        the log's path
 *
 * Return: 0, or a negative errno: then nobody knows.
 */
int pending_look(struct pending *pending, const char *log) {
        struct logfind_position from = { pending->inode, pending->offset };
        char *line = pending->lines;

        while (line && *line) {
                char *end = strchr(line, '\n');
                _cleanup_(freep) char *copy = NULL;
                bool found;
                int r;

                end = end ? end + 1 : line + strlen(line);
                copy = strndup(line, (size_t)(end - line));
                if (!copy)
                        return -ENOMEM;
                r = logfind_text(log, &from, copy, &found);
                if (r < 0)
                        return r;
                if (found)
                        memmove(line, end, strlen(end) + 1);
                else
                        line = end;
        }
        return 0;
}

/**
 * pending_clear() - forget the lines
 * @pending:    the lines; then there are none
 */
void pending_clear(struct pending *pending) {
        free(pending->lines);
        *pending = (struct pending){ .inode = FIELD_UNKNOWN, .offset = FIELD_UNKNOWN };
}

/**
 * pending_append() - append the lines to the log
 * @pending:    the lines; then there are none
 * @folder_fd:  the state folder
 * @log:        the log's path
 * @patience:   how long to wait for other writers, as log_append() has it
 *
 * Return: 0, or a negative errno as log_append(): then they are still pending.
 */
int pending_append(struct pending *pending, int folder_fd, const char *log, uint64_t *patience) {
        int r;

        if (!pending->lines)
                return 0;
        r = log_append(folder_fd, log, pending->lines, strlen(pending->lines), patience);
        if (r < 0)
                return r;
        pending_clear(pending);
        return 0;
}
