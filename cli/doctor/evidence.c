/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The logins that sshd itself has told of.
 *
 * Owns: that the two lines of a login become one. A login whose session was never opened, because
 * the client went away just then, is none: where any session has its second line, those without it
 * are left out.
 * Relies on: journalctl(1); systemd.journal-fields(7): fields that begin with _ are of the kernel,
 * so that _UID tells whether root wrote a line, whatever is in it. A file of syslogd has nothing of
 * that kind.
 */

#include "evidence.h"

#include "cli/program.h"

#include "pam_traffic/clock.h"
#include "pam_traffic/file.h"
#include "pam_traffic/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define EVIDENCE_LINE_MAX 4096
#define EVIDENCE_FILE_PART (8 * 1024 * 1024)
/* between the two lines of a login: what PAM does for a session */
#define EVIDENCE_PAIR (120 * CLOCK_SECOND)

/* Enough is known. */
#define EVIDENCE_FULL 1

struct evidence_reading {
        struct evidence *evidence;
        const struct evidence_span *span;
        uint64_t now;
        struct lines *lines;
        bool backward; /* the newest comes first */
};

static bool evidence_near(uint64_t a, uint64_t b) {
        return (a > b ? a - b : b - a) <= EVIDENCE_PAIR;
}

/* The login that the other line has made, or NULL. */
static struct evidence_login *evidence_pair(struct evidence *evidence,
                                            const struct sshdline *line) {
        for (size_t i = evidence->n; i > 0; i--) {
                struct evidence_login *login = &evidence->logins[i - 1];

                if (login->pid == line->pid && evidence_near(login->time, line->time) &&
                    (line->kind == SSHDLINE_ACCEPTED ? !login->accepted : !login->opened))
                        return login;
        }
        return NULL;
}

/* Room for one more: of a file, the oldest half goes. Return: 0 or EVIDENCE_FULL. */
static int evidence_room(struct evidence_reading *reading) {
        struct evidence *evidence = reading->evidence;
        size_t half = EVIDENCE_MAX / 2;

        if (evidence->n < EVIDENCE_MAX)
                return 0;
        if (reading->backward)
                return EVIDENCE_FULL;
        (void)memmove(evidence->logins, evidence->logins + half,
                      (EVIDENCE_MAX - half) * sizeof(*evidence->logins));
        evidence->n -= half;
        evidence->since = evidence->logins[0].time;
        return 0;
}

/* No more of the journal is read: of the oldest login only the second line may be known. */
static void evidence_cut(struct evidence *evidence) {
        evidence->since = evidence->logins[evidence->n - 1].time;
        if (!evidence->logins[evidence->n - 1].accepted)
                evidence->n--;
}

static int evidence_take(struct evidence_reading *reading, const struct sshdline *line) {
        struct evidence *evidence = reading->evidence;
        struct evidence_login *login;

        if (line->time < reading->span->since || line->time > reading->span->until)
                return 0;
        login = evidence_pair(evidence, line);
        if (!login) {
                if (evidence_room(reading) == EVIDENCE_FULL) {
                        evidence_cut(evidence);
                        return EVIDENCE_FULL;
                }
                login = &evidence->logins[evidence->n++];
                *login = (struct evidence_login){ .time = line->time, .pid = line->pid };
        }
        if (line->kind == SSHDLINE_ACCEPTED) {
                login->accepted = true;
                login->remote = line->remote;
        } else {
                login->opened = true;
        }
        (void)memcpy(login->user, line->user, sizeof(login->user));
        return 0;
}

/* Return: 0, EVIDENCE_FULL, or a negative errno. */
static int evidence_add(void *context, const char *data, size_t size) {
        struct evidence_reading *reading = context;

        while (size) {
                struct line line;
                size_t room;
                char *place = lines_room(reading->lines, &room);

                if (room > size)
                        room = size;
                (void)memcpy(place, data, room);
                lines_add(reading->lines, room);
                data += room;
                size -= room;
                while (!lines_next(reading->lines, &line)) {
                        struct sshdline said;
                        int r = 0;

                        if (!line.too_long && !sshdline_parse(line.text, reading->now, &said))
                                r = evidence_take(reading, &said);
                        if (r)
                                return r;
                }
        }
        return 0;
}

/* Return: 0, or a negative errno; without lines of sshd the journal is no source. */
static int evidence_journal(struct evidence_reading *reading) {
        char since[32];
        const char *const argv[] = {
                "journalctl",
                "--quiet",
                "--no-pager",
                "--reverse",
                "--output=short-unix",
                since,
                "_UID=0",
                /* alternatives; _EXE is not known of one who was gone when journald looked */
                "SYSLOG_IDENTIFIER=sshd",
                "SYSLOG_IDENTIFIER=sshd-session",
                NULL,
        };
        _cleanup_(lines_freep) struct lines *lines = NULL;
        struct evidence *evidence = reading->evidence;
        int status = 0, r;

        r = lines_new(EVIDENCE_LINE_MAX, &lines);
        if (r < 0)
                return r;
        reading->lines = lines;
        (void)snprintf(since, sizeof(since), "--since=@%" PRIu64,
                       reading->span->since / CLOCK_SECOND);
        reading->backward = true;
        r = program_listen_to(argv, PROGRAM_PATIENCE, evidence_add, reading, &status);
        /* a journal that is too slow to be read to its begin has told of the newest */
        if (r == -ETIMEDOUT && evidence->n)
                evidence_cut(evidence);
        if (r < 0 && r != -ETIMEDOUT)
                return r;
        if (!evidence->n)
                return 0;
        evidence->source = "the journal";
        evidence->trusted = true;
        return 0;
}

/* Of a large file, the last part. Return: 0, or a negative errno. */
static int evidence_file(struct evidence_reading *reading, const char *path) {
        _cleanup_(lines_freep) struct lines *lines = NULL;
        _cleanup_(fd_closep) int fd = -1;
        char part[4096];
        struct evidence *evidence = reading->evidence;
        int64_t offset = 0;
        struct stat st;
        bool part_only;
        int r;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        part_only = st.st_size > EVIDENCE_FILE_PART;
        if (part_only)
                offset = st.st_size - EVIDENCE_FILE_PART;
        r = lines_new(EVIDENCE_LINE_MAX, &lines);
        if (r < 0)
                return r;
        reading->lines = lines;
        reading->backward = false;
        for (;;) {
                ssize_t n = file_read_some_from(fd, part, sizeof(part), offset);

                if (!n && part_only && evidence->n && evidence->since < evidence->logins[0].time)
                        evidence->since = evidence->logins[0].time;
                if (n <= 0)
                        return (int)n;
                r = evidence_add(reading, part, (size_t)n);
                if (r < 0)
                        return r;
                offset += n;
        }
}

static void evidence_files(struct evidence_reading *reading) {
        static const char *const paths[] = { "/var/log/auth.log", "/var/log/secure" };
        struct evidence *evidence = reading->evidence;

        (void)snprintf(evidence->why, sizeof(evidence->why),
                       "the journal has no login, and there is neither %s nor %s", paths[0],
                       paths[1]);
        for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
                int r = evidence_file(reading, paths[i]);

                if (!r) {
                        evidence->source = paths[i];
                        return;
                }
                if (r != -ENOENT)
                        (void)snprintf(evidence->why, sizeof(evidence->why), "%s: %s", paths[i],
                                       strerror(-r));
        }
}

/* Those whose session was not opened go, where it is told. */
static void evidence_sift(struct evidence *evidence) {
        bool told = false;
        size_t n = 0;

        for (size_t i = 0; i < evidence->n; i++)
                told = told || (evidence->logins[i].accepted && evidence->logins[i].opened);
        for (size_t i = 0; i < evidence->n; i++)
                if (!told || evidence->logins[i].opened)
                        evidence->logins[n++] = evidence->logins[i];
        evidence->n = n;
}

/**
 * evidence_read() - find the newest logins of a span
 * @span:               the span
 * @now:                CLOCK_REALTIME in microseconds
 * @ret_evidence:       what was found; free() it
 *
 * Return: 0, also where nothing can be read, or a negative errno.
 */
int evidence_read(const struct evidence_span *span, uint64_t now, struct evidence **ret_evidence) {
        _cleanup_(freep) struct evidence *evidence = calloc(1, sizeof(*evidence));
        struct evidence_reading reading = { .evidence = evidence, .span = span, .now = now };
        int r;

        if (!evidence)
                return -ENOMEM;
        evidence->since = span->since;
        r = evidence_journal(&reading);
        if (r < 0)
                return r;
        if (!evidence->source)
                evidence_files(&reading);
        evidence_sift(evidence);
        *ret_evidence = pointer_steal(&evidence);
        return 0;
}
