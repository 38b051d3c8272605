/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The log as a command reads it.
 *
 * Owns: which file is read (an operand, or log_file of the configuration), what to do if it cannot
 * be read. Nothing of the log's content is printed here.
 */

#include "input.h"

#include "base/base.h"
#include "cli/shared/badlines.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "cli/shared/progress.h"
#include "config.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_PART 65536

/* So many lines are read between two looks at the clock. */
#define INPUT_STEP 1024

/**
 * input_default() - tell which log the configuration names
 * @config:     the configuration; NULL: the usual one, which need not be there
 * @ret_path:   the log's; the caller frees it
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int input_default(const char *config, char **ret_path) {
        _cleanup_(settings_freep) struct settings *settings = NULL;
        int r;

        r = configuration_read(config, &settings);
        if (r < 0)
                return r;
        *ret_path = pointer_steal(&settings->log_file);
        return 0;
}

/* Return: 0, also if an archive ends too early, which is said; or a negative errno. */
static int input_unpack_into(const char *path, int fd) {
        _cleanup_(logstream_freep) struct logstream *stream = NULL;
        char part[INPUT_PART];
        ssize_t n;
        int r = logstream_new(path, &stream);

        while (!r && (n = logstream_read(stream, part, sizeof(part))) != 0) {
                if (n < 0) {
                        fail_warn("%s: %s; only the part before that is read", path,
                                  logstream_fault(stream));
                        break;
                }
                if (write(fd, part, (size_t)n) != n)
                        r = -ENOSPC;
        }
        return r;
}

/* Into a file without a name, since records are looked up again by their place; or into memory. */
static int input_unpack(const char *path, int *ret_fd) {
        const char *folder = getenv("TMPDIR");
        _cleanup_(fd_closep) int fd = -1;
        int r;

        folder = folder && *folder ? folder : "/var/tmp";
        fd = open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
        r = fd < 0 ? -errno : input_unpack_into(path, fd);
        if (r < 0) {
                fail_warn("%s cannot be unpacked into %s: %s; it is unpacked into memory (TMPDIR "
                          "names another folder)",
                          path, folder, strerror(-r));
                fd = fd_close(fd);
                fd = memfd_create("pam_traffic", MFD_CLOEXEC);
                r = fd < 0 ? -errno : input_unpack_into(path, fd);
        }
        if (r < 0)
                return fail(r, "cannot unpack %s: %s", path, strerror(-r));
        *ret_fd = fd_steal(&fd);
        return 0;
}

/**
 * input_open() - open a log, which may be compressed
 * @path:       the log
 * @named:      whether the admin named it, and not the configuration
 * @ret_input:  the log; to be given to input_close()
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int input_open(const char *path, bool named, struct input *ret_input) {
        _cleanup_(logstream_freep) struct logstream *stream = NULL;
        _cleanup_(fd_closep) int fd = -1;
        struct stat st;
        char *copy;
        int r;

        /* a fifo has no other end here, and a line is looked up again: files only */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return fail_unreadable(path, named, errno);
        if (!S_ISREG(st.st_mode))
                return fail_unreadable(path, named, EBADF);
        r = logstream_new(path, &stream);
        if (r < 0)
                return fail_unreadable(path, named, -r);
        if (logstream_compressed(stream)) {
                fd = fd_close(fd);
                r = input_unpack(path, &fd);
                if (r < 0)
                        return r;
        }
        copy = strdup(path);
        if (!copy)
                return fail_unreadable(path, named, ENOMEM);
        *ret_input = (struct input){ .path = copy, .fd = fd_steal(&fd) };
        return 0;
}

/**
 * input_close() - end what input_open() began
 * @input:      the log
 */
void input_close(struct input *input) {
        input->fd = fd_close(input->fd);
        free(input->path);
        input->path = NULL;
}

/**
 * input_read() - read a log
 * @input:      the log, read from its begin
 * @take:       told each record; what it returns, if not 0, ends the reading
 * @context:    handed to @take
 *
 * Lines that are no records are named on standard error.
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int input_read(const struct input *input, input_take take, void *context) {
        const struct logreader_place begin = { 0 };
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        struct progress progress = { 0 };
        struct logreader_line line;
        uint64_t bad = 0, lines = 0;
        struct stat st = { 0 };
        int r;

        if (!input->quiet && !fstat(input->fd, &st))
                progress_begin(&progress);
        r = logreader_new(input->fd, &begin, &reader);
        while (!r) {
                r = logreader_next(reader, &line);
                if (!r && !(++lines % INPUT_STEP))
                        progress_tell(&progress, input->path, line.offset, (uint64_t)st.st_size);
                if (!r && line.record) {
                        r = take(context, &line);
                } else if (!r && !input->quiet) {
                        progress_hide(&progress);
                        badlines_name(&bad, input->path, &line);
                }
        }
        progress_hide(&progress);
        badlines_sum(bad, input->path);
        return r < 0 ? fail_unreadable(input->path, true, -r) : 0;
}

/**
 * input_read_line() - read a record once more
 * @input:      the log
 * @offset:     where its line began
 * @size:       the line's bytes, without its newline
 * @ret_text:   the line, and a NUL behind it; the caller frees it
 * @ret_record: the record
 *
 * Return: 0, -ESTALE if there is no record now, or another negative errno.
 */
int input_read_line(const struct input *input, uint64_t offset, size_t size, char **ret_text,
                    struct record **ret_record) {
        _cleanup_(freep) char *text = malloc(size + 1);
        char finding[LOGREADER_FINDING_MAX];
        size_t got = 0;
        int r;

        if (!text)
                return -ENOMEM;
        while (got < size) {
                ssize_t n = file_read_some_from(input->fd, text + got, size - got,
                                                (int64_t)(offset + got));

                if (n < 0)
                        return (int)n;
                if (!n)
                        return -ESTALE;
                got += (size_t)n;
        }
        text[size] = '\0';

        r = logreader_parse(text, size, ret_record, finding);
        if (r)
                return r < 0 ? r : -ESTALE;
        *ret_text = pointer_steal(&text);
        return 0;
}
