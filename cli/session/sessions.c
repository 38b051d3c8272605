/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions of a log.
 *
 * Owns: which record stands for a session: its stop record, else the last one. A line that is in
 * the log twice, by (session, seq), counts once; a record of a local port belongs to no session.
 * Relies on: tsearch(3), a balanced tree in glibc: no log can make it slow.
 */

#include "sessions.h"

#include "base/base.h"

#include <errno.h>
#include <search.h>
#include <string.h>

struct sessions {
        void *tree;
        size_t n;
        const struct session_entry **sorted;
        size_t n_sorted;
};

static int sessions_compare(const void *a, const void *b) {
        return strcmp(((const struct session_entry *)a)->session,
                      ((const struct session_entry *)b)->session);
}

/**
 * sessions_new() - begin without any
 * @ret_sessions:       the sessions
 *
 * Return: 0 or -ENOMEM.
 */
int sessions_new(struct sessions **ret_sessions) {
        struct sessions *sessions = calloc(1, sizeof(*sessions));

        if (!sessions)
                return -ENOMEM;
        *ret_sessions = sessions;
        return 0;
}

/**
 * sessions_free() - end what sessions_new() began
 * @sessions:   the sessions, or NULL
 *
 * Return: NULL.
 */
struct sessions *sessions_free(struct sessions *sessions) {
        if (sessions) {
                tdestroy(sessions->tree, free);
                free(sessions->sorted);
        }
        free(sessions);
        return NULL;
}

/**
 * sessions_began() - tell when a record's session began
 * @record:     the record, with a time that logreader found good
 *
 * Return: microseconds of CLOCK_REALTIME.
 */
uint64_t sessions_began(const struct record *record) {
        uint64_t time = 0, began;

        (void)clock_parse(record->time, &time);
        /* a stop without one: the id has the moment */
        if (record->duration == RECORD_UNKNOWN && !strcmp(record->event, "stop"))
                return record->session && !uuid_time(record->session, &began) ? began : time;
        if (record->duration > 0)
                return time > (uint64_t)record->duration ? time - (uint64_t)record->duration : 0;
        return time;
}

/**
 * sessions_add() - take a record into account
 * @sessions:   the sessions
 * @file:       which log it stands in
 * @line:       its line
 *
 * Return: 0 or -ENOMEM.
 */
int sessions_add(struct sessions *sessions, uint32_t file, const struct logreader_line *line) {
        const struct record *record = line->record;
        struct session_entry entry = {
                .began = sessions_began(record),
                .offset = line->offset,
                .seq = record->seq,
                .size = (uint32_t)line->size,
                .file = file,
                .stopped = !strcmp(record->event, "stop"),
        };
        struct session_entry **place, *added;

        (void)clock_parse(record->time, &entry.time);

        if (record_is_port(record))
                return 0;
        /* logreader let valid ids through only */
        (void)strncpy(entry.session, record->session, sizeof(entry.session) - 1);

        place = tfind(&entry, &sessions->tree, sessions_compare);
        if (place) {
                struct session_entry *old = *place;

                if (entry.stopped != old->stopped ? entry.stopped : entry.seq > old->seq)
                        *old = entry;
                return 0;
        }

        added = malloc(sizeof(*added));
        if (!added)
                return -ENOMEM;
        *added = entry;
        if (!tsearch(added, &sessions->tree, sessions_compare)) {
                free(added);
                return -ENOMEM;
        }
        sessions->n++;
        return 0;
}

static void sessions_visit(const void *node, VISIT visit, void *context) {
        struct sessions *sessions = context;

        if (visit == postorder || visit == leaf)
                sessions->sorted[sessions->n_sorted++] = *(struct session_entry *const *)node;
}

static int sessions_compare_age(const void *a, const void *b) {
        const struct session_entry *x = *(const struct session_entry *const *)a;
        const struct session_entry *y = *(const struct session_entry *const *)b;

        if (x->began != y->began)
                return x->began < y->began ? -1 : 1;
        return strcmp(x->session, y->session);
}

/**
 * sessions_sort() - list the sessions by their age
 * @sessions:           the sessions
 * @ret_entries:        the list, the newest last; the sessions' own
 * @ret_n:              how many
 *
 * Return: 0 or -ENOMEM.
 */
int sessions_sort(struct sessions *sessions, const struct session_entry *const **ret_entries,
                  size_t *ret_n) {
        free(sessions->sorted);
        sessions->n_sorted = 0;
        sessions->sorted = calloc(sessions->n + 1, sizeof(*sessions->sorted));
        if (!sessions->sorted)
                return -ENOMEM;
        twalk_r(sessions->tree, sessions_visit, sessions);
        qsort(sessions->sorted, sessions->n_sorted, sizeof(*sessions->sorted),
              sessions_compare_age);
        *ret_entries = sessions->sorted;
        *ret_n = sessions->n_sorted;
        return 0;
}
