/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A file that a command writes.
 *
 * Owns: the temporary file beside it, and the messages about its faults. "-" is standard output.
 * Relies on: rename(2) replaces atomically; mkostemp(3) makes a name that nobody could have put
 * there before, also in a folder to which others may write.
 * Does not: follow a symbolic link, or replace a device, a fifo or a folder. It does not sync,
 * because the file can be made again.
 */

#include "outfile.h"

#include "base/base.h"
#include "fail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int outfile_failed(const char *path, int error) {
        return fail(-error, "cannot write %s: %s", path, strerror(error));
}

/* Nothing is there, or a file. */
static int outfile_check(const char *path) {
        struct stat st;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : outfile_failed(path, errno);
        if (S_ISREG(st.st_mode))
                return 0;
        return fail(-EEXIST, "will not replace %s: it is not a regular file", path);
}

/**
 * outfile_open() - begin to write a file
 * @path:       where it will be, or "-"; it stays the caller's and must outlast the file
 * @mode:       its mode, whatever the umask is
 * @ret_file:   the file, to be written to by its stream; to be given to outfile_close()
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int outfile_open(const char *path, mode_t mode, struct outfile *ret_file) {
        _cleanup_(freep) char *temporary = NULL;
        _cleanup_(fd_closep) int fd = -1;
        FILE *stream;
        int r;

        if (!strcmp(path, "-")) {
                *ret_file = (struct outfile){ .stream = stdout, .path = path };
                return 0;
        }
        r = outfile_check(path);
        if (r < 0)
                return r;
        if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
                temporary = NULL;
                return outfile_failed(path, ENOMEM);
        }
        fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return outfile_failed(path, errno);
        stream = fchmod(fd, mode) < 0 ? NULL : fdopen(fd, "w");
        if (!stream) {
                r = outfile_failed(path, errno);
                (void)unlink(temporary);
                return r;
        }
        (void)fd_steal(&fd);
        *ret_file = (struct outfile){
                .stream = stream,
                .path = path,
                .temporary = pointer_steal(&temporary),
        };
        return 0;
}

/**
 * outfile_commit() - let the file be there
 * @file:       the file, all of it written
 *
 * Return: 0, or a negative errno after a line on standard error; then nothing has changed.
 */
int outfile_commit(struct outfile *file) {
        int error = 0;

        if (ferror(file->stream)) {
                /* errno was that of an earlier write: one more says why */
                clearerr(file->stream);
                error = EIO;
                if (fputc('\n', file->stream) == EOF || fflush(file->stream) == EOF)
                        error = errno;
        } else if (fflush(file->stream) == EOF) {
                error = errno;
        }
        if (!file->temporary)
                return error ? outfile_failed("standard output", error) : 0;
        if (fclose(file->stream) == EOF && !error)
                error = errno;
        file->stream = NULL;
        if (!error && rename(file->temporary, file->path) < 0)
                error = errno;
        if (error)
                return outfile_failed(file->path, error);
        free(file->temporary);
        file->temporary = NULL;
        return 0;
}

/**
 * outfile_close() - end what outfile_open() began
 * @file:       the file; what was not committed is gone
 */
void outfile_close(struct outfile *file) {
        if (!file->temporary)
                return;
        if (file->stream)
                (void)fclose(file->stream);
        (void)unlink(file->temporary);
        free(file->temporary);
        *file = (struct outfile){ .stream = NULL };
}
