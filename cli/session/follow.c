/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * New data of the log, until a signal ends it.
 *
 * Owns: what a rotation means. A log that was renamed is read to its end, and for some seconds
 * more, because a writer may have opened it before (lib/store/log.c). Then the file that has the
 * name now is read from its begin. A log that was truncated is read again from its begin.
 * Relies on: inotify(7); a log begins with a record, so another begin means another content.
 */

#include "follow.h"

#include "base/base.h"
#include "cli/shared/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* The longest that a writer keeps a file open which has been renamed: it syncs a line. */
#define FOLLOW_LINGER (5 * CLOCK_SECOND)

/* How often to look where nothing tells. */
#define FOLLOW_INTERVAL 1000

#define FOLLOW_HEAD 128

struct follow_file {
        int fd; /* -1: none */
        struct stat st;
        struct logreader *reader;
        size_t head_size;
        char head[FOLLOW_HEAD]; /* its first bytes, as they were */
};

struct follow {
        const char *path;
        input_take take;
        void *context;
        int inotify_fd;
        int signal_fd;
        bool blind; /* nothing tells of new files */
        struct follow_file now;
        struct follow_file old; /* what had the name before ... */
        uint64_t old_until;     /* ... and may still grow, CLOCK_MONOTONIC */
};

static void follow_file_close(struct follow_file *file) {
        file->reader = logreader_free(file->reader);
        file->fd = fd_close(file->fd);
}

static void follow_end(struct follow *follow) {
        follow_file_close(&follow->now);
        follow_file_close(&follow->old);
        follow->inotify_fd = fd_close(follow->inotify_fd);
        follow->signal_fd = fd_close(follow->signal_fd);
}

static int follow_failed(const struct follow *follow, int error) {
        return fail(error, "cannot follow %s: %s", follow->path, strerror(-error));
}

/* Where the line begins that is the last, or is just being written. */
static int follow_last_line(int fd, uint64_t size, uint64_t *ret_offset) {
        char part[4096];
        uint64_t end = size;

        while (end) {
                size_t n = end < sizeof(part) ? (size_t)end : sizeof(part);
                ssize_t got = file_read_some_from(fd, part, n, (int64_t)(end - n));
                const char *newline;

                if (got < 0)
                        return (int)got;
                newline = memrchr(part, '\n', (size_t)got);
                if (newline) {
                        *ret_offset = end - n + (uint64_t)(newline - part) + 1;
                        return 0;
                }
                end -= n;
        }
        *ret_offset = 0;
        return 0;
}

static int follow_open(struct follow *follow, bool from_begin) {
        struct logreader_place place = { 0 };
        struct follow_file file = { .fd = -1 };
        int r;

        file.fd = open(follow->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (file.fd < 0)
                return errno == ENOENT ? 0 : -errno;
        r = fstat(file.fd, &file.st) < 0 ? -errno : S_ISREG(file.st.st_mode) ? 0 : -EBADF;
        if (!r && !from_begin)
                r = follow_last_line(file.fd, (uint64_t)file.st.st_size, &place.offset);
        if (!r)
                r = logreader_new(file.fd, &place, &file.reader);
        if (r < 0) {
                follow_file_close(&file);
                return r;
        }
        if (follow->inotify_fd < 0 ||
            inotify_add_watch(follow->inotify_fd, follow->path, IN_MODIFY) < 0)
                follow->blind = true;
        follow->now = file;
        return 0;
}

/* Take what is there. Of bad lines, those that are whole are named. */
static int follow_drain(struct follow *follow, struct follow_file *file) {
        struct logreader_place place;
        struct logreader_line line;
        int r = 0;

        while (file->reader && !(r = logreader_next(file->reader, &line))) {
                logreader_place(file->reader, &place);
                if (line.record)
                        r = follow->take(follow->context, &line);
                else if (place.offset > line.offset)
                        (void)fprintf(stderr, "%s: a line was skipped: %s\n", follow->path,
                                      line.finding);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : 0;
}

/* Whether a file was truncated, and perhaps filled again, since it was last asked. */
static bool follow_is_another(struct follow_file *file) {
        char head[FOLLOW_HEAD];
        struct stat st;
        ssize_t n;
        bool another;

        if (file->fd < 0 || fstat(file->fd, &st) < 0)
                return false;
        n = file_read_some_from(file->fd, head, sizeof(head), 0);
        if (n < 0)
                return false;
        another = st.st_size < lseek(file->fd, 0, SEEK_CUR) || (size_t)n < file->head_size ||
                  memcmp(head, file->head, file->head_size) != 0;
        file->head_size = (size_t)n;
        (void)memcpy(file->head, head, (size_t)n);
        return another;
}

static int follow_truncated(struct follow *follow) {
        struct logreader_place begin = { 0 };

        if (!follow_is_another(&follow->now))
                return 0;
        follow->now.reader = logreader_free(follow->now.reader);
        return logreader_new(follow->now.fd, &begin, &follow->now.reader);
}

/* Return: 1 if another file has the name now, 0, or a negative errno. */
static int follow_renamed(struct follow *follow) {
        struct stat st;
        int r;

        if (follow->old.fd >= 0 && clock_now(CLOCK_MONOTONIC) >= follow->old_until)
                follow_file_close(&follow->old);
        if (stat(follow->path, &st) < 0 ||
            (follow->now.fd >= 0 && st.st_ino == follow->now.st.st_ino &&
             st.st_dev == follow->now.st.st_dev))
                return 0;
        follow_file_close(&follow->old);
        follow->old = follow->now;
        follow->old_until = clock_now(CLOCK_MONOTONIC) + FOLLOW_LINGER;
        follow->now = (struct follow_file){ .fd = -1 };
        r = follow_open(follow, true);
        return r < 0 ? r : follow->now.fd >= 0;
}

/* Return: 1 to end, 0, or a negative errno. */
static int follow_wait(const struct follow *follow) {
        struct pollfd ways[] = {
                { .fd = follow->signal_fd, .events = POLLIN },
                /* poll(2) says without being asked that nobody reads any more */
                { .fd = STDOUT_FILENO },
                { .fd = follow->inotify_fd, .events = POLLIN },
        };
        bool timed = follow->blind || follow->old.fd >= 0;
        char events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];

        if (poll(ways, sizeof(ways) / sizeof(*ways), timed ? FOLLOW_INTERVAL : -1) < 0)
                return errno == EINTR ? 0 : -errno;
        if (ways[0].revents || ways[1].revents & (POLLERR | POLLHUP))
                return 1;
        if (ways[2].revents)
                (void)!read(follow->inotify_fd, events, sizeof(events));
        return 0;
}

static int follow_begin(struct follow *follow, bool from_begin) {
        const char *slash = strrchr(follow->path, '/');
        char folder[PATH_MAX] = ".";
        sigset_t signals;
        int r;

        (void)sigemptyset(&signals);
        (void)sigaddset(&signals, SIGINT);
        (void)sigaddset(&signals, SIGTERM);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
                return -errno;
        follow->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
        if (follow->signal_fd < 0)
                return -errno;
        if (slash)
                (void)snprintf(folder, sizeof(folder), "%.*s",
                               slash == follow->path ? 1 : (int)(slash - follow->path),
                               follow->path);
        follow->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        /* before the first look, so that nothing comes in between */
        if (follow->inotify_fd < 0 ||
            inotify_add_watch(follow->inotify_fd, folder, IN_CREATE | IN_MOVED_TO) < 0)
                follow->blind = true;
        r = follow_open(follow, from_begin);
        if (!r && follow->now.fd < 0)
                fail_warn("%s does not exist yet; waiting for it", follow->path);
        return r;
}

/**
 * follow_run() - read what is appended to the log, until SIGINT or SIGTERM
 * @path:       the log; it need not be there yet
 * @from_begin: what is there already, too
 * @take:       told each record; a negative errno ends it
 * @context:    handed to @take
 *
 * It ends as well when nobody reads standard output any more.
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int follow_run(const char *path, bool from_begin, input_take take, void *context) {
        _cleanup_(follow_end) struct follow follow = {
                .path = path,
                .take = take,
                .context = context,
                .inotify_fd = -1,
                .signal_fd = -1,
                .now = { .fd = -1 },
                .old = { .fd = -1 },
        };
        int r = follow_begin(&follow, from_begin);

        while (!r) {
                do {
                        r = follow_drain(&follow, &follow.old);
                        if (!r)
                                r = follow_truncated(&follow);
                        if (!r)
                                r = follow_drain(&follow, &follow.now);
                        if (!r)
                                r = follow_renamed(&follow);
                } while (r > 0);
                if (!r && fflush(stdout))
                        r = -errno;
                if (!r)
                        r = follow_wait(&follow);
        }
        return r < 0 ? follow_failed(&follow, r) : 0;
}
