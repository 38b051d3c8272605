/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The sessions of a log.
 *
 * Owns: their list, and the place of the record that stands for each session (store/summary.c has
 * the rule). A record of a local port belongs to no session.
 * Relies on: tsearch(3), a balanced tree in glibc: no log can make it slow.
 */

#include "sessions.h"

#include "base/base.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

struct sessions {
        void *tree;
        size_t n;
        const struct session_entry **sorted;
        size_t n_sorted;
};

static int sessions_compare(const void *a, const void *b) {
        const struct session_entry *x = a, *y = b;
        size_t half = x->id[0] == y->id[0];

        return (x->id[half] > y->id[half]) - (x->id[half] < y->id[half]);
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

/* The entry of a session, which may be new; NULL: no memory. */
static struct session_entry *sessions_get(struct sessions *sessions, const char *session) {
        struct session_entry wanted = { .summary = SUMMARY_INIT };
        struct session_entry **place, *added;

        uuid_number(session, wanted.id);
        place = tfind(&wanted, &sessions->tree, sessions_compare);
        if (place)
                return *place;
        added = malloc(sizeof(*added));
        if (!added)
                return NULL;
        *added = wanted;
        if (!tsearch(added, &sessions->tree, sessions_compare)) {
                free(added);
                return NULL;
        }
        sessions->n++;
        return added;
}

/**
 * sessions_add() - take a record into account
 * @sessions:   the sessions
 * @file:       which log it stands in
 * @line:       its line
 * @weight:     the session's, if this record stands for it
 *
 * Return: 0 or -ENOMEM.
 */
int sessions_add(struct sessions *sessions, uint32_t file, const struct logreader_line *line,
                 int64_t weight) {
        struct session_entry *entry;

        if (!record_is_session(line->record))
                return 0;
        entry = sessions_get(sessions, line->record->session);
        if (!entry)
                return -ENOMEM;
        if (summary_take(&entry->summary, line->record)) {
                entry->offset = line->offset;
                entry->weight = weight;
                entry->size = (uint32_t)line->size;
                entry->file = file;
        }
        return 0;
}

/**
 * sessions_is() - tell whether a record is of a session
 * @entry:      the session
 * @record:     the record
 *
 * Return: true if it is.
 */
bool sessions_is(const struct session_entry *entry, const struct record *record) {
        struct session_entry other;

        uuid_number(record->session, other.id);
        return !sessions_compare(entry, &other);
}

static void sessions_visit(const void *node, VISIT visit, void *context) {
        struct sessions *sessions = context;

        if (visit == postorder || visit == leaf)
                sessions->sorted[sessions->n_sorted++] = *(struct session_entry *const *)node;
}

static int sessions_compare_weight(const void *a, const void *b) {
        const struct session_entry *x = *(const struct session_entry *const *)a;
        const struct session_entry *y = *(const struct session_entry *const *)b;

        if (x->weight != y->weight)
                return x->weight > y->weight ? -1 : 1;
        if (x->summary.began != y->summary.began)
                return x->summary.began < y->summary.began ? -1 : 1;
        return sessions_compare(x, y);
}

/**
 * sessions_sort() - list the sessions by their weight, and by their age where that is the same
 * @sessions:           the sessions
 * @ret_entries:        the list, the heaviest first, the newest last; the sessions' own
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
              sessions_compare_weight);
        *ret_entries = sessions->sorted;
        *ret_n = sessions->n_sorted;
        return 0;
}
