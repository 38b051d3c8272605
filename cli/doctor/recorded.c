/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which of sshd's logins have a record.
 *
 * Owns: when a record belongs to a login. It has the same pid, and the same address and port of the
 * client. If sshd did not log these, the record has the same user, and began at about that time.
 * Relies on: the log, its rotated files, and the open sessions: a session with a state file has a
 * start record, or will get one soon.
 */

#include "recorded.h"

#include "base/base.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* sshd's line has the moment, or a second of it; PAM may take its time. */
#define RECORDED_NEAR (120 * CLOCK_SECOND)
/* More than can be read within this is not read. */
#define RECORDED_PATIENCE (10 * CLOCK_SECOND)
#define RECORDED_STEP 4096

static int recorded_compare(const void *a, const void *b) {
        const struct evidence_login *one = a, *other = b;

        return (one->pid > other->pid) - (one->pid < other->pid);
}

static bool recorded_is(const struct evidence_login *login, const struct record *record) {
        struct address address;
        uint64_t began;

        if (login->remote.address.family != AF_UNSPEC)
                return record->remote_port == login->remote.port && record->remote_addr &&
                       address_parse(record->remote_addr, &address) >= 0 &&
                       address_equal(&address, &login->remote.address);
        began = summary_began(record);
        return record->user && !strncmp(record->user, login->user, sizeof(login->user) - 1) &&
               began + RECORDED_NEAR >= login->time && login->time + RECORDED_NEAR >= began;
}

/* The logins are in the order of their pids. */
static void recorded_take(struct evidence *evidence, const struct record *record) {
        struct evidence_login wanted = { .pid = (pid_t)record->pid }, *login, *end;

        if (!record_is_session(record) || record->pid <= 0)
                return;
        login = bsearch(&wanted, evidence->logins, evidence->n, sizeof(wanted), recorded_compare);
        if (!login)
                return;
        end = evidence->logins + evidence->n;
        while (login > evidence->logins && login[-1].pid == wanted.pid)
                login--;
        for (; login < end && login->pid == wanted.pid; login++)
                login->recorded = login->recorded || recorded_is(login, record);
}

static int recorded_read(struct evidence *evidence, const char *path, uint64_t deadline) {
        _cleanup_(logstream_freep) struct logstream *stream = NULL;
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        const struct logreader_place begin = { 0 };
        struct logreader_line line;
        uint64_t n = 0;
        int r;

        r = logstream_new(path, &stream);
        if (!r)
                r = logreader_new_from(logstream_read, stream, &begin, &reader);
        while (!r) {
                if (!(++n % RECORDED_STEP) && clock_now(CLOCK_MONOTONIC) > deadline)
                        return -ETIMEDOUT;
                r = logreader_next(reader, &line);
                if (!r && line.record)
                        recorded_take(evidence, line.record);
        }
        /* a file that is rotated just now is read under its new name, or was */
        return r < 0 && r != -ENOENT && r != -EBADMSG ? r : 0;
}

/**
 * recorded_mark() - note of each login whether it has a record
 * @context:    the configuration, and the open sessions
 * @evidence:   the logins; their order changes
 *
 * Return: 0, -ETIMEDOUT if the log of that time is too long, or another negative errno.
 */
int recorded_mark(const struct check_context *context, struct evidence *evidence) {
        _cleanup_(logset_freep) struct logset *set = NULL;
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + RECORDED_PATIENCE;
        int r;

        qsort(evidence->logins, evidence->n, sizeof(*evidence->logins), recorded_compare);
        for (size_t i = 0; context->live && i < context->live->n; i++)
                recorded_take(evidence, context->live->sessions[i].record);
        r = logset_new(context->settings->log_file, &set);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        for (size_t i = 0; !r && i < set->n; i++)
                /* nanoseconds; a file may have no more than seconds */
                if (set->files[i].changed / 1000 + CLOCK_SECOND >= evidence->since)
                        r = recorded_read(evidence, set->files[i].path, deadline);
        return r;
}
