/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The log as a command reads it.
 *
 * Owns: which file is read (an operand, or log_file of the configuration), what to do if it cannot
 * be read, and how lines that are no records are reported: the first ones one by one, then their
 * number. Nothing of the log's content is printed here.
 */

#include "input.h"

#include "base/base.h"
#include "cli/shared/configuration.h"
#include "cli/shared/fail.h"
#include "config.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_NAMED_MAX 10
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

/* Into a file without a name, since records are looked up again by their place. */
static int input_unpack(struct logstream *stream, const char *path, int *ret_fd) {
        const char *folder = getenv("TMPDIR");
        _cleanup_(fd_closep) int fd = -1;
        char part[INPUT_PART];
        ssize_t n;

        folder = folder && *folder ? folder : "/var/tmp";
        fd = open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
        while (fd >= 0 && (n = logstream_read(stream, part, sizeof(part))) != 0) {
                if (n < 0) {
                        fail_warn("%s: %s; what stands before that is read", path,
                                  logstream_fault(stream));
                        break;
                }
                if (write(fd, part, (size_t)n) != n)
                        return fail(
                                -ENOSPC,
                                "cannot unpack %s into %s: no room; TMPDIR may name another folder",
                                path, folder);
        }
        if (fd < 0) {
                int error = errno;

                return fail(-error, "cannot unpack %s into %s: %s; TMPDIR may name another folder",
                            path, folder, strerror(error));
        }
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
                r = input_unpack(stream, path, &fd);
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

static void input_name(const struct input *input, const struct logreader_line *line, uint64_t n) {
        if (n <= INPUT_NAMED_MAX)
                (void)fprintf(stderr, "%s:%" PRIu64 ": skipped: %s\n", input->path, line->number,
                              line->finding);
}

static void input_sum(const struct input *input, uint64_t n) {
        if (n == 1)
                (void)fprintf(stderr, "1 line of %s is not a record and was skipped\n",
                              input->path);
        else if (n)
                (void)fprintf(stderr, "%" PRIu64 " lines of %s are not records and were skipped", n,
                              input->path);
        if (n > INPUT_NAMED_MAX)
                (void)fprintf(stderr, "; %" PRIu64 " of them are not named here",
                              n - INPUT_NAMED_MAX);
        if (n > 1)
                (void)fprintf(stderr, "\n");
}

/* How far a long reading is, for who waits at a terminal. */
struct input_progress {
        uint64_t next; /* when to tell, CLOCK_MONOTONIC in microseconds; 0: nobody waits */
        uint64_t size;
        uint64_t lines;
        bool told;
};

static void input_progress_begin(const struct input *input, struct input_progress *progress) {
        struct stat st;

        if (input->quiet || !isatty(STDERR_FILENO) || fstat(input->fd, &st) < 0)
                return;
        progress->size = (uint64_t)st.st_size;
        progress->next = clock_now(CLOCK_MONOTONIC) + CLOCK_SECOND;
}

static void input_progress_tell(const struct input *input, const struct logreader_line *line,
                                struct input_progress *progress) {
        uint64_t now;

        if (!progress->next || ++progress->lines % INPUT_STEP)
                return;
        now = clock_now(CLOCK_MONOTONIC);
        if (now < progress->next)
                return;
        (void)fprintf(stderr, "\rpam_traffic: reading %s: %u %%\033[K", input->path,
                      line->offset < progress->size
                              ? (unsigned int)(line->offset * 100 / progress->size)
                              : 100);
        progress->next = now + CLOCK_SECOND / 4;
        progress->told = true;
}

static void input_progress_end(const struct input_progress *progress) {
        if (progress->told)
                (void)fprintf(stderr, "\r\033[K");
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
        struct input_progress progress = { 0 };
        struct logreader_line line;
        uint64_t bad = 0;
        int r;

        input_progress_begin(input, &progress);
        r = logreader_new(input->fd, &begin, &reader);
        while (!r) {
                r = logreader_next(reader, &line);
                if (!r)
                        input_progress_tell(input, &line, &progress);
                if (!r && line.record)
                        r = take(context, &line);
                else if (!r && !input->quiet)
                        input_name(input, &line, ++bad);
        }
        input_progress_end(&progress);
        input_sum(input, bad);
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
