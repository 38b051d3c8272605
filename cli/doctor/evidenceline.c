/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The lines of sshd that are kept, and the logins that they become.
 *
 * Relies on: one process writes all lines of a login. Lines are kept in the order in which they are
 * read. After sorting by pid and time, the lines of a login are neighbours, however many there are.
 */

#include "evidenceline.h"

#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVIDENCELINE_MAX 4096
#define EVIDENCELINE_ROOM 1024
/* between the lines of a login: what PAM does for a session */
#define EVIDENCELINE_PAIR (120 * CLOCK_SECOND)

static int evidenceline_compare_times(const void *a, const void *b) {
        const struct evidence_login *one = a, *other = b;

        return (one->time < other->time) - (one->time > other->time);
}

static int evidenceline_rank(const struct evidence_login *line) {
        return line->accepted ? 0 : line->opened ? 1 : 2;
}

/* A file may have seconds alone. */
static int evidenceline_compare(const void *a, const void *b) {
        const struct evidence_login *one = a, *other = b;

        if (one->pid != other->pid)
                return one->pid > other->pid ? 1 : -1;
        if (one->time != other->time)
                return one->time > other->time ? 1 : -1;
        return evidenceline_rank(one) - evidenceline_rank(other);
}

/**
 * evidenceline_begin() - begin with another file, or another program's output
 * @reading:    the lines; what was kept stays
 *
 * Return: 0 or -ENOMEM.
 */
int evidenceline_begin(struct evidenceline *reading) {
        reading->lines = lines_free(reading->lines);
        return lines_new(EVIDENCELINE_MAX, &reading->lines);
}

/**
 * evidenceline_leave_out() - note that not all was looked at
 * @reading:    the lines
 * @before:     what is older was left out
 */
void evidenceline_leave_out(struct evidenceline *reading, uint64_t before) {
        struct evidence *evidence = reading->evidence;

        evidence->left_out = true;
        if (before > evidence->since)
                evidence->since = before;
}

/* Have room for one more. Return: 0, EVIDENCELINE_E_FULL, or -ENOMEM. */
static int evidenceline_room(struct evidenceline *reading) {
        struct evidence *evidence = reading->evidence;
        struct evidence_login *logins;
        size_t room = reading->room ? 2 * reading->room : EVIDENCELINE_ROOM;

        if (evidence->n < reading->room)
                return 0;
        if (reading->room < EVIDENCE_MAX) {
                logins = reallocarray(evidence->logins, room, sizeof(*logins));
                if (!logins)
                        return -ENOMEM;
                evidence->logins = logins;
                reading->room = room;
                return 0;
        }
        if (reading->journal)
                return EVIDENCELINE_E_FULL;
        qsort(evidence->logins, evidence->n, sizeof(*evidence->logins), evidenceline_compare_times);
        evidence->n /= 2;
        reading->oldest = evidence->logins[evidence->n - 1].time;
        reading->span.since = reading->oldest;
        evidenceline_leave_out(reading, reading->oldest);
        return 0;
}

/* Return: 0, EVIDENCELINE_E_FULL, or -ENOMEM. */
static int evidenceline_take(struct evidenceline *reading, const struct sshdline *line) {
        struct evidence *evidence = reading->evidence;
        struct evidence_login *login;
        int r;

        if (line->time < reading->span.since || line->time > reading->span.until ||
            (line->kind == SSHDLINE_REFUSED && !reading->journal))
                return 0;
        r = evidenceline_room(reading);
        if (r)
                return r;
        login = &evidence->logins[evidence->n++];
        *login = (struct evidence_login){
                .time = line->time,
                .pid = line->pid,
                .remote = line->remote,
                .accepted = line->kind == SSHDLINE_ACCEPTED,
                .opened = line->kind == SSHDLINE_OPENED,
                .refused = line->kind == SSHDLINE_REFUSED,
        };
        (void)snprintf(login->user, sizeof(login->user), "%.*s", EVIDENCE_USER_MAX - 1, line->user);
        reading->oldest = line->time < reading->oldest ? line->time : reading->oldest;
        return 0;
}

/**
 * evidenceline_add() - take bytes
 * @context:    the lines
 * @data:       the bytes, which need not end with a line
 * @size:       how many
 *
 * Return: 0, EVIDENCELINE_E_FULL, or -ENOMEM.
 */
int evidenceline_add(void *context, const char *data, size_t size) {
        struct evidenceline *reading = context;

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
                                r = evidenceline_take(reading, &said);
                        if (r)
                                return r;
                }
        }
        return 0;
}

/* Whether a line is one more of a login. */
static bool evidenceline_joins(const struct evidence_login *login,
                               const struct evidence_login *line) {
        return login->pid == line->pid && line->time - login->time <= EVIDENCELINE_PAIR &&
               !(line->accepted && (login->accepted || login->opened)) &&
               !(line->opened && login->opened) && !login->refused;
}

static void evidenceline_join(struct evidence *evidence) {
        struct evidence_login *logins = evidence->logins;
        size_t n = 0;

        for (size_t i = 0; i < evidence->n; i++) {
                struct evidence_login *login = n ? &logins[n - 1] : NULL;

                if (!login || !evidenceline_joins(login, &logins[i])) {
                        logins[n++] = logins[i];
                        continue;
                }
                login->opened = login->opened || logins[i].opened;
                login->refused = login->refused || logins[i].refused;
        }
        evidence->n = n;
}

/* Whether it is a login whose session was opened; told: sessions say so. What is not accepted and
 * stands where the reading ended may lack its first line. */
static bool evidenceline_counts(const struct evidence *evidence, const struct evidence_login *login,
                                bool told) {
        if (login->refused || (told && !login->opened))
                return false;
        return login->accepted || !evidence->left_out || login->time < evidence->since ||
               login->time - evidence->since > EVIDENCELINE_PAIR;
}

/**
 * evidenceline_end() - make logins of the lines
 * @reading:    the lines; nothing can be added any more
 */
void evidenceline_end(struct evidenceline *reading) {
        struct evidence *evidence = reading->evidence;
        bool told = false;
        size_t n = 0;

        reading->lines = lines_free(reading->lines);
        if (!evidence->n)
                return;
        qsort(evidence->logins, evidence->n, sizeof(*evidence->logins), evidenceline_compare);
        evidenceline_join(evidence);
        for (size_t i = 0; i < evidence->n; i++)
                told = told || (evidence->logins[i].accepted && evidence->logins[i].opened);
        for (size_t i = 0; i < evidence->n; i++)
                if (evidenceline_counts(evidence, &evidence->logins[i], told))
                        evidence->logins[n++] = evidence->logins[i];
        evidence->n = n;
}
