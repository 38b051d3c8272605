/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Of whom `alert --once` has told.
 *
 * Owns: a file in the folder `alerts` of the state folder for each limit. Its first line is the
 * moment at which the day, week or month began, in microseconds; what it says of another one is
 * over. Each other line is a user: = and his name, escaped; - is the one whose name is not known.
 */

#include "alerttold.h"

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ALERTTOLD_FOLDER "alerts"
#define ALERTTOLD_SIZE_MAX ((size_t)16 * 1024 * 1024)

/* The folder; made if it is not there. Return: its descriptor, or a negative errno. */
static int alerttold_open(const struct alerttold *told) {
        _cleanup_(fd_closep) int fd = open(told->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int folder_fd;

        if (fd < 0 || (mkdirat(fd, ALERTTOLD_FOLDER, 0700) < 0 && errno != EEXIST))
                return -errno;
        folder_fd = openat(fd, ALERTTOLD_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        return folder_fd < 0 ? -errno : folder_fd;
}

static int alerttold_append(struct alerttold *told, const char *line) {
        size_t size = strlen(line);
        char *longer = realloc(told->text, told->size + size + 1);

        if (!longer)
                return -ENOMEM;
        (void)memcpy(longer + told->size, line, size + 1);
        told->text = longer;
        told->size += size;
        return 0;
}

/* The line of a user, with its newline; NULL: no memory. */
static char *alerttold_line(const char *user) {
        size_t room = user ? TEXT_ESCAPE_MAX(strlen(user)) + 3 : 3, size;
        char *line = malloc(room);

        if (!line)
                return NULL;
        line[0] = user ? '=' : '-';
        line[1] = '\0';
        if (user)
                text_to_line(user, line + 1, room - 2);
        size = strlen(line);
        line[size] = '\n';
        line[size + 1] = '\0';
        return line;
}

/**
 * alerttold_read() - read of whom was told
 * @told:       has the state folder
 * @span:       the words by which a limit is told from others ...
 * @direction:  likewise
 * @over:       ... and its bytes
 * @since:      when the day, week or month began
 *
 * What cannot be read says nothing: then it is told again.
 */
void alerttold_read(struct alerttold *told, const char *span, const char *direction, uint64_t over,
                    uint64_t since) {
        _cleanup_(fd_closep) int fd = alerttold_open(told);
        _cleanup_(freep) char *text = NULL;
        char head[32];
        size_t size = 0;

        (void)snprintf(told->name, sizeof(told->name), "%s-%s-%" PRIu64, span, direction, over);
        (void)snprintf(head, sizeof(head), "%" PRIu64 "\n", since);
        if (fd >= 0 && !file_read_at(fd, told->name, ALERTTOLD_SIZE_MAX, &text, &size) &&
            !strncmp(text, head, strlen(head)))
                (void)alerttold_append(told, text);
        else
                (void)alerttold_append(told, head);
}

/**
 * alerttold_clear() - end what alerttold_read() began
 * @told:       what was read
 */
void alerttold_clear(struct alerttold *told) {
        free(told->text);
        told->text = NULL;
}

/**
 * alerttold_has() - tell whether of a user was told
 * @told:       what was read
 * @user:       his name; NULL: not known
 *
 * Return: true if so.
 */
bool alerttold_has(const struct alerttold *told, const char *user) {
        _cleanup_(freep) char *line = alerttold_line(user);
        const char *at = told->text && line ? strchr(told->text, '\n') : NULL;

        for (size_t size = line ? strlen(line) : 0; at && at[1]; at = strchr(at + 1, '\n'))
                if (!strncmp(at + 1, line, size))
                        return true;
        return false;
}

/**
 * alerttold_add() - note that of a user is told
 * @told:       what was read
 * @user:       his name; NULL: not known
 *
 * Return: 0 or -ENOMEM.
 */
int alerttold_add(struct alerttold *told, const char *user) {
        _cleanup_(freep) char *line = alerttold_line(user);

        return line && told->text ? alerttold_append(told, line) : -ENOMEM;
}

/**
 * alerttold_write() - write it down
 * @told:       what was read and noted
 *
 * Return: 0, or a negative errno.
 */
int alerttold_write(const struct alerttold *told) {
        _cleanup_(fd_closep) int fd = alerttold_open(told);

        return fd < 0 ? fd : file_replace_at(fd, told->name, told->text, told->size, true);
}
