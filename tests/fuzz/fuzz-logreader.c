/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading a log: every line is a record that can be told from others, or a finding in our own
 * words; none is left out; from a place in the middle the rest is read alike; and what is known of
 * a session does not change by a record that comes twice.
 */

#include "base/clock.h"
#include "base/uuid.h"
#include "fuzz.h"
#include "store/logreader.h"
#include "store/summary.h"

#include <sys/mman.h>
#include <unistd.h>

struct sum {
        size_t lines, records;
        struct summary summary; /* as if all records were of one session */
};

static void check(const struct logreader_line *line) {
        const struct record *record = line->record;
        uint64_t time;

        if (record) {
                fuzz_assert(record->v == RECORD_VERSION && record->seq >= 0);
                fuzz_assert(uuid_valid(record->session) && !clock_parse(record->time, &time));
                fuzz_assert(line->size > 0 && strlen(line->text) == line->size);
                return;
        }
        fuzz_assert(*line->finding && strlen(line->finding) < LOGREADER_FINDING_MAX);
        for (const char *p = line->finding; *p; p++)
                fuzz_assert(*p >= ' ' && *p < 0x7f);
}

/* A record that comes once more changes nothing. */
static void check_summary(struct summary *summary, const struct record *record) {
        struct summary before = *summary;

        fuzz_assert(summary_take(summary, record) || summary->stands == before.stands);
        fuzz_assert(summary->last >= summary->stands && summary->last >= record->seq);
        fuzz_assert(!(before.flags & SUMMARY_KEPT & ~summary->flags));
        before = *summary;
        fuzz_assert(!summary_take(summary, record) && summary->flags == before.flags);
}

/* Read all; ret_half is the place behind the first line. */
static struct sum read_all(int fd, const struct logreader_place *from,
                           struct logreader_place *ret_half, struct logreader_place *ret_end) {
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        struct logreader_line line;
        struct sum sum = { .summary = SUMMARY_INIT };

        fuzz_assert(logreader_new(fd, from, &reader) == 0);
        *ret_half = *from;
        while (!logreader_next(reader, &line)) {
                check(&line);
                fuzz_assert(line.number == from->lines + ++sum.lines);
                sum.records += !!line.record;
                if (line.record)
                        check_summary(&sum.summary, line.record);
                if (sum.lines == 1)
                        logreader_place(reader, ret_half);
        }
        logreader_place(reader, ret_end);
        return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct logreader_place begin = { 0 }, half, end, other_half, other_end;
        _cleanup_(fd_closep) int fd = memfd_create("log", MFD_CLOEXEC);
        const uint8_t *last = size ? memrchr(data, '\n', size) : NULL;
        size_t newlines = 0, whole = last ? (size_t)(last - data) + 1 : 0;
        struct sum sum, rest;

        fuzz_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        for (size_t i = 0; i < size; i++)
                newlines += data[i] == '\n';

        sum = read_all(fd, &begin, &half, &end);
        fuzz_assert(sum.lines == newlines + (whole < size));
        fuzz_assert(end.offset == whole && end.lines == newlines);

        rest = read_all(fd, &half, &other_half, &other_end);
        fuzz_assert(rest.lines == sum.lines - half.lines);
        fuzz_assert(other_end.offset == end.offset && other_end.lines == end.lines);
        fuzz_assert(rest.records + (half.lines > 0) >= sum.records);
        return 0;
}
