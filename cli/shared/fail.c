/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The messages on standard error about failures.
 *
 * Owns: that a message is one line, whatever is in a file's name or in an option's value, begins
 * with the program's name, and is written at once. So it stays one line if several programs write
 * to the same place.
 */

#include "fail.h"

#include "base/base.h"
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/**
 * fail() - print what failed
 * @result:     what the caller returns: an exit status, a negative errno
 * @format:     what failed, why, what to do: without a newline
 *
 * Return: @result; errno is as it was.
 */
int fail(int result, const char *format, ...) {
        _cleanup_(freep) char *text = NULL, *line = NULL;
        va_list arguments;
        int error = errno;
        size_t room;

        va_start(arguments, format);
        if (vasprintf(&text, format, arguments) < 0)
                text = NULL;
        va_end(arguments);
        room = text ? TEXT_ESCAPE_MAX(strlen(text) + 1) : 0;
        line = room ? malloc(room) : NULL;
        if (line)
                text_to_line(text, line, room);
        (void)fprintf(stderr, "pam_traffic: %s\n", line ? line : strerror(ENOMEM));
        errno = error;
        return result;
}

/**
 * fail_errno() - print that something failed, if only its errno is known
 * @error:      a negative errno
 *
 * Return: EXIT_FAILED.
 */
int fail_errno(int error) {
        return fail(EXIT_FAILED, "%s", strerror(-error));
}

/**
 * fail_unreadable() - print that a file of the log cannot be read
 * @path:       the file
 * @named:      whether the admin named it; otherwise the configuration did
 * @error:      an errno; EBADF: it is no file
 *
 * Return: -@error.
 */
int fail_unreadable(const char *path, bool named, int error) {
        const char *cure = "";

        if (error == EACCES || error == EPERM)
                cure = "; run it as root or as a member of group " LOG_GROUP;
        else if (error == ENOENT && !named)
                cure = "; no login was recorded yet, or log_file in the configuration is another "
                       "one";
        return fail(-error, "cannot read %s: %s%s", path,
                    error == EBADF ? "it is not a file" : strerror(error), cure);
}
