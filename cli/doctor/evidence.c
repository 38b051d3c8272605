/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The logins in sshd's own log.
 *
 * Owns: which files of syslogd are read: those of a span, rotated ones too, the newest first.
 * Relies on: journalctl(1); systemd.journal-fields(7): the journal itself sets the fields that
 * begin with _. So _UID tells whether root wrote a line, whatever the line says. A file of syslogd
 * has no such field.
 */

#include "evidence.h"

#include "base/base.h"
#include "cli/shared/program.h"
#include "evidenceline.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More of files than can be read within this is left out. */
#define EVIDENCE_PATIENCE (10 * CLOCK_SECOND)
#define EVIDENCE_PART 16384
/* of a file, the last part: so much can be read within that time */
#define EVIDENCE_FILE_PART (UINT64_C(256) * 1024 * 1024)

/* Return: 0, or a negative errno; without lines of sshd the journal is no source. */
static int evidence_journal(struct evidenceline *reading) {
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
        struct evidence *evidence = reading->evidence;
        int status = 0, r;

        r = evidenceline_begin(reading);
        if (r < 0)
                return r;
        (void)snprintf(since, sizeof(since), "--since=@%" PRIu64,
                       reading->span.since / CLOCK_SECOND);
        reading->journal = true;
        r = program_listen_to(argv, PROGRAM_PATIENCE, evidenceline_add, reading, &status);
        if (r < 0 && r != -ETIMEDOUT)
                return r;
        reading->journal = false;
        if (!evidence->n)
                return 0;
        if (r == -ETIMEDOUT || r == EVIDENCELINE_E_FULL)
                evidenceline_leave_out(reading, reading->oldest);
        evidence->source = "the journal";
        evidence->trusted = true;
        return 0;
}

/* Return: 0, -ETIMEDOUT, or another negative errno. */
static int evidence_file(struct evidenceline *reading, const struct logset_file *file,
                         uint64_t deadline) {
        _cleanup_(logstream_freep) struct logstream *stream = NULL;
        char part[EVIDENCE_PART];
        bool part_only;
        int r;

        r = logstream_new(file->path, &stream);
        if (!r)
                r = evidenceline_begin(reading);
        part_only = !r && file->size > EVIDENCE_FILE_PART && !logstream_compressed(stream);
        if (part_only)
                r = logstream_skip(stream, file->size - EVIDENCE_FILE_PART);
        while (!r) {
                ssize_t n = logstream_read(stream, part, sizeof(part));

                if (n <= 0) {
                        r = (int)n;
                        break;
                }
                r = evidenceline_add(reading, part, (size_t)n);
                if (!r && clock_now(CLOCK_MONOTONIC) > deadline)
                        r = -ETIMEDOUT;
        }
        return r ? r : part_only ? -ETIMEDOUT : 0;
}

/* Return: 0, or a negative errno: none of them can be read. */
static int evidence_log(struct evidenceline *reading, const char *path) {
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + EVIDENCE_PATIENCE;
        _cleanup_(logset_freep) struct logset *set = NULL;
        int r;

        r = logset_new(path, &set);
        if (!r && !set->n)
                r = -ENOENT;
        for (size_t i = r ? 0 : set->n; i > 0; i--) {
                const struct logset_file *file = &set->files[i - 1];
                uint64_t whole = reading->oldest;

                /* nanoseconds; what it has may be of whole seconds */
                if (file->changed / 1000 + CLOCK_SECOND < reading->span.since)
                        break;
                r = evidence_file(reading, file, deadline);
                if (r < 0 && i == set->n && r != -ETIMEDOUT)
                        return r;
                if (r < 0) {
                        /* of the newest, its end was read; of another one perhaps its begin */
                        evidenceline_leave_out(reading, i == set->n ? reading->oldest : whole);
                        return 0;
                }
        }
        return r;
}

static void evidence_logs(struct evidenceline *reading) {
        static const char *const paths[] = { "/var/log/auth.log", "/var/log/secure" };
        struct evidence *evidence = reading->evidence;

        (void)snprintf(evidence->why, sizeof(evidence->why),
                       "the journal has no login, and there is neither %s nor %s", paths[0],
                       paths[1]);
        for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
                int r = evidence_log(reading, paths[i]);

                if (!r) {
                        evidence->source = paths[i];
                        return;
                }
                if (r != -ENOENT)
                        (void)snprintf(evidence->why, sizeof(evidence->why), "%s: %s", paths[i],
                                       strerror(-r));
        }
}

/**
 * evidence_read() - find the logins of a span
 * @span:               the span
 * @now:                CLOCK_REALTIME in microseconds
 * @ret_evidence:       what was found, to be given to evidence_free()
 *
 * Return: 0, also where nothing can be read, or a negative errno.
 */
int evidence_read(const struct evidence_span *span, uint64_t now, struct evidence **ret_evidence) {
        _cleanup_(evidence_freep) struct evidence *evidence = calloc(1, sizeof(*evidence));
        struct evidenceline reading = {
                .evidence = evidence,
                .span = *span,
                .now = now,
                .oldest = UINT64_MAX,
        };
        int r;

        if (!evidence)
                return -ENOMEM;
        evidence->since = span->since;
        r = evidence_journal(&reading);
        if (r >= 0 && !evidence->source)
                evidence_logs(&reading);
        evidenceline_end(&reading);
        if (r < 0)
                return r;
        *ret_evidence = pointer_steal(&evidence);
        return 0;
}

/**
 * evidence_free() - forget logins
 * @evidence:   what evidence_read() handed out, or NULL
 *
 * Return: NULL.
 */
struct evidence *evidence_free(struct evidence *evidence) {
        if (evidence)
                free(evidence->logins);
        free(evidence);
        return NULL;
}
