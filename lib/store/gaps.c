/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When logins were not recorded, or users not counted, by the marks of the log.
 *
 * Owns: the form of a mark, and what two of them mean: "off" begins a gap, the next "on" of the
 * same host ends it. Of several "off" in a row the first counts. One without an "on" goes on until
 * now.
 */

#include "store/gaps.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "base/uuid.h"
#include "store/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GAPS_BOOT_ID "/proc/sys/kernel/random/boot_id"
#define GAPS_BOOT_ID_MAX 64

static const char *const gaps_causes[] = {
        [GAP_OFF] = "off",   [GAP_STOPPED] = "stopped", [GAP_REBOOT] = "reboot",
        [GAP_LOST] = "lost", [GAP_BEGIN] = "begin",
};

/**
 * gaps_cause_name() - name a cause
 * @cause:      the cause
 *
 * Return: incomplete_cause of its mark, or "begin"; NULL: not known.
 */
const char *gaps_cause_name(enum gap_cause cause) {
        return gaps_causes[cause];
}

/**
 * gaps_add() - take a mark
 * @gaps:       the marks, not paired; all zero is none; to be given to gaps_clear()
 * @host:       hostile; NULL: not known
 * @time:       of the mark, CLOCK_REALTIME in microseconds
 * @off:        whether it begins a gap
 * @cause:      why, hostile; NULL: not known
 *
 * Return: 0 or -ENOMEM.
 */
int gaps_add(struct gaps *gaps, const char *host, uint64_t time, bool off, const char *cause) {
        struct gap mark = { .begin = time, .end = off ? UINT64_MAX : 0 };

        if (gaps->n == gaps->room) {
                size_t room = gaps->room ? 2 * gaps->room : 16;
                void *larger = reallocarray(gaps->of, room, sizeof(*gaps->of));

                if (!larger)
                        return -ENOMEM;
                gaps->of = larger;
                gaps->room = room;
        }
        mark.host = strdup(host ? host : "");
        if (!mark.host)
                return -ENOMEM;
        for (size_t i = GAP_OFF; cause && i < GAP_BEGIN; i++)
                if (!strcmp(cause, gaps_causes[i]))
                        mark.cause = (enum gap_cause)i;
        gaps->of[gaps->n++] = mark;
        return 0;
}

/**
 * gaps_is_off() - tell whether a mark begins a gap
 * @record:     the mark, of either ledger
 *
 * Return: true if so.
 */
bool gaps_is_off(const struct record *record) {
        return !strcmp(record->event, "off") || !strcmp(record->event, "users-off");
}

/**
 * gaps_take() - take a record that is a mark
 * @gaps:       as for gaps_add()
 * @record:     the record, which logreader found good
 *
 * Return: 0 or -ENOMEM.
 */
int gaps_take(struct gaps *gaps, const struct record *record) {
        uint64_t time = 0;

        (void)clock_parse(record->time, &time);
        return gaps_add(gaps, record->host, time, gaps_is_off(record), record->incomplete_cause);
}

/* By host, then by time; where that is the same, "on" comes first. */
static int gaps_compare(const void *a, const void *b) {
        const struct gap *x = a, *y = b;
        int r = strcmp(x->host, y->host);

        if (r)
                return r;
        if (x->begin != y->begin)
                return x->begin < y->begin ? -1 : 1;
        return (x->end > y->end) - (x->end < y->end);
}

/**
 * gaps_pair() - make gaps of the marks
 * @gaps:       the marks; then they are the gaps, by host and time
 * @since:      leave only gaps that are not over before that
 * @until:      ... and that begin before that
 */
void gaps_pair(struct gaps *gaps, uint64_t since, uint64_t until) {
        struct gap *open = NULL;
        size_t kept = 0;

        if (gaps->n)
                qsort(gaps->of, gaps->n, sizeof(*gaps->of), gaps_compare);
        for (size_t i = 0; i < gaps->n; i++) {
                struct gap *mark = &gaps->of[i];

                if (open && strcmp(open->host, mark->host) != 0)
                        open = NULL;
                if (mark->end && !open)
                        open = mark;
                else if (!mark->end && open) {
                        open->end = mark->begin;
                        open = NULL;
                        mark->begin = UINT64_MAX;
                } else
                        mark->begin = UINT64_MAX; /* it says nothing new */
        }
        for (size_t i = 0; i < gaps->n; i++) {
                struct gap gap = gaps->of[i];

                if (gap.begin >= until || gap.end <= since || gap.begin >= gap.end)
                        free(gap.host);
                else
                        gaps->of[kept++] = gap;
        }
        gaps->n = kept;
}

/**
 * gaps_first() - tell when the log begins
 * @gaps:       the marks, not paired yet
 * @first:      the time of the first other record; 0: there is none
 *
 * Return: the earliest of all; 0: there is none.
 */
uint64_t gaps_first(const struct gaps *gaps, uint64_t first) {
        for (size_t i = 0; i < gaps->n; i++)
                if (!first || gaps->of[i].begin < first)
                        first = gaps->of[i].begin;
        return first;
}

/**
 * gaps_before() - add the time before the log begins
 * @gaps:       the gaps, paired; this one is their first
 * @since:      its begin
 * @first:      when the log begins
 *
 * Return: 0 or -ENOMEM.
 */
int gaps_before(struct gaps *gaps, uint64_t since, uint64_t first) {
        struct gap gap;
        int r = gaps_add(gaps, NULL, since, true, NULL);

        if (r < 0)
                return r;
        gap = gaps->of[gaps->n - 1];
        gap.end = first;
        gap.cause = GAP_BEGIN;
        memmove(gaps->of + 1, gaps->of, (gaps->n - 1) * sizeof(*gaps->of));
        gaps->of[0] = gap;
        return 0;
}

/**
 * gaps_clear() - free them
 * @gaps:       the marks, or the gaps
 */
void gaps_clear(struct gaps *gaps) {
        for (size_t i = 0; i < gaps->n; i++)
                free(gaps->of[i].host);
        free(gaps->of);
        *gaps = (struct gaps){ .n = 0 };
}

/**
 * gaps_make() - make a mark
 * @users:      whether it is of the users' ledger
 * @off:        whether a gap begins
 * @cause:      why
 * @realtime:   when, CLOCK_REALTIME in microseconds
 * @ret_record: the mark
 *
 * Return: 0 or -ENOMEM.
 */
int gaps_make(bool users, bool off, enum gap_cause cause, uint64_t realtime,
              struct record **ret_record) {
        static const char *const events[2][2] = { { "on", "off" }, { "users-on", "users-off" } };
        _cleanup_(record_freep) struct record *record = NULL;
        char time[CLOCK_TEXT_MAX], host[HOST_NAME_MAX + 1] = "", id[UUID_TEXT_MAX];
        _cleanup_(freep) char *boot_id = NULL;
        size_t size;
        int r = record_new(&record);

        if (r < 0)
                return r;
        clock_format(realtime, time);
        (void)gethostname(host, sizeof(host) - 1);
        if (!file_read_at(AT_FDCWD, GAPS_BOOT_ID, GAPS_BOOT_ID_MAX, &boot_id, &size))
                boot_id[strcspn(boot_id, "\n")] = '\0';
        record->seq = 0;
        record->complete = !off;
        r = uuid_new(realtime, id);
        if (!r)
                r = text_copy(&record->session, id);
        if (!r)
                r = text_copy(&record->event, events[users][off]);
        if (!r)
                r = text_copy(&record->time, time);
        if (!r)
                r = text_copy(&record->host, host);
        if (!r)
                r = text_copy(&record->boot_id, boot_id);
        if (!r && off)
                r = text_copy(&record->incomplete_cause, gaps_causes[cause]);
        if (!r)
                *ret_record = pointer_steal(&record);
        return r;
}

/**
 * gaps_write() - append a mark to the log
 * @folder_fd:  the state folder
 * @path:       the log
 * @off:        whether a gap begins
 * @cause:      why
 * @realtime:   when, CLOCK_REALTIME in microseconds
 * @patience:   how long to wait for others who write, microseconds; what was waited is subtracted
 *
 * Return: 0, or a negative errno.
 */
int gaps_write(int folder_fd, const char *path, bool off, enum gap_cause cause, uint64_t realtime,
               uint64_t *patience) {
        _cleanup_(record_freep) struct record *record = NULL;
        _cleanup_(freep) char *line = NULL;
        size_t size;
        int r = gaps_make(false, off, cause, realtime, &record);

        if (!r)
                r = record_encode(record, &line, &size);
        return r ? r : log_append(folder_fd, path, line, size, patience);
}
