/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The record log: the sessions that have no stop record.
 *
 * Owns: that a session is known by its record with the highest number, in whatever file it is,
 * compressed ones too. What is in memory is a line for each session that is open at some moment of
 * the log: files are read from the oldest on, and a stop record ends a session for good.
 * Relies on: tsearch(3), a balanced tree in glibc.
 */

#include "store/log.h"

#include "base/cleanup.h"
#include "store/logreader.h"
#include "store/logset.h"
#include "store/logstream.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct logopen_session {
        uint64_t id[2]; /* uuid_number() */
        int64_t seq;
        char *line; /* of the record, without its newline */
};

struct logopen {
        void *tree;
        log_take take;
        void *context;
        int result;
};

static int logopen_compare(const void *a, const void *b) {
        const struct logopen_session *x = a, *y = b;
        size_t half = x->id[0] == y->id[0];

        return (x->id[half] > y->id[half]) - (x->id[half] < y->id[half]);
}

static void logopen_free(void *object) {
        struct logopen_session *session = object;

        free(session->line);
        free(session);
}

static void logopen_end(struct logopen *open) {
        tdestroy(open->tree, logopen_free);
}

static int logopen_put(struct logopen *open, struct logopen_session *wanted, const char *text) {
        struct logopen_session **place = tfind(wanted, &open->tree, logopen_compare), *session;
        char *line;

        if (place && (*place)->seq >= wanted->seq)
                return 0;
        line = strdup(text);
        if (!line)
                return -ENOMEM;
        if (place) {
                free((*place)->line);
                (*place)->seq = wanted->seq;
                (*place)->line = line;
                return 0;
        }
        session = malloc(sizeof(*session));
        if (session)
                *session = (struct logopen_session){ { wanted->id[0], wanted->id[1] },
                                                     wanted->seq,
                                                     line };
        if (session && tsearch(session, &open->tree, logopen_compare))
                return 0;
        free(session);
        free(line);
        return -ENOMEM;
}

static int logopen_take(struct logopen *open, const struct logreader_line *line, bool stops) {
        struct logopen_session wanted = { .seq = line->record->seq }, **place, *session;

        if (!record_is_session(line->record))
                return 0;
        uuid_number(line->record->session, wanted.id);
        if (strcmp(line->record->event, "stop") != 0)
                return stops ? 0 : logopen_put(open, &wanted, line->text);
        place = tfind(&wanted, &open->tree, logopen_compare);
        if (!place)
                return 0;
        session = *place;
        (void)tdelete(session, &open->tree, logopen_compare);
        logopen_free(session);
        return 0;
}

/* A file that is gone has nothing. One that cannot be read to its end may have had the end of each
 * session that is known so far: these are not known to be open any more. */
static int logopen_read(struct logopen *open, const char *path, bool stops) {
        _cleanup_(logstream_freep) struct logstream *stream = NULL;
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        const struct logreader_place from = { 0 };
        struct logreader_line line;
        int r = logstream_new(path, &stream);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        r = logreader_new_from(logstream_read, stream, &from, &reader);
        while (!r) {
                r = logreader_next(reader, &line);
                if (!r && line.record)
                        r = logopen_take(open, &line, stops);
        }
        if (r == -EBADMSG && !stops) {
                tdestroy(open->tree, logopen_free);
                open->tree = NULL;
        }
        return r == -EBADMSG || r > 0 ? 0 : r;
}

static void logopen_visit(const void *node, VISIT visit, void *context) {
        const struct logopen_session *session = *(const struct logopen_session *const *)node;
        struct logopen *open = context;
        _cleanup_(record_freep) struct record *record = NULL;
        char finding[LOGREADER_FINDING_MAX];

        if ((visit != postorder && visit != leaf) || open->result)
                return;
        open->result = logreader_parse(session->line, strlen(session->line), &record, finding);
        if (!open->result)
                open->result = open->take(open->context, record);
}

/* stops: only for these. */
static int logopen_read_all(struct logopen *open, const char *path, uint64_t since, bool stops) {
        _cleanup_(logset_freep) struct logset *set = NULL;
        int r = logset_new(path, &set);

        for (size_t i = 0; !r && i < set->n; i++)
                if (set->files[i].changed / 1000 >= since)
                        r = logopen_read(open, set->files[i].path, stops);
        return r == -ENOENT ? 0 : r;
}

/**
 * logopen_walk() - find the sessions of the log that have no stop record
 * @path:       the log; its rotated files are read, too
 * @since:      but not those that were last written before, CLOCK_REALTIME in microseconds
 * @take:       told the last record of each
 * @context:    handed to @take
 *
 * Reads all that, some microseconds a line, and again if a session seems to be open.
 *
 * Return: 0, what @take returned, or a negative errno: then nobody knows.
 */
int logopen_walk(const char *path, uint64_t since, log_take take, void *context) {
        _cleanup_(logopen_end) struct logopen open = { .take = take, .context = context };
        int r = logopen_read_all(&open, path, since, false);

        /* a file that was read late, or renamed meanwhile, may have the stop of a session that a
         * later one had brought back */
        if (!r && open.tree)
                r = logopen_read_all(&open, path, since, true);
        if (r)
                return r;
        twalk_r(open.tree, logopen_visit, &open);
        return open.result;
}
