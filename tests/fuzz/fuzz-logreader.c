/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading a log: every line is a record that can be told from others, or a finding in our own
 * words; none is left out; and from a place in the middle the rest is read alike.
 */

#include "base/clock.h"
#include "base/uuid.h"
#include "fuzz.h"
#include "store/logreader.h"

#include <sys/mman.h>
#include <unistd.h>

struct sum {
        size_t lines, records;
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

/* Read all; ret_half is the place behind the first line. */
static struct sum read_all(int fd, const struct logreader_place *from,
                           struct logreader_place *ret_half, struct logreader_place *ret_end) {
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        struct logreader_line line;
        struct sum sum = { 0 };

        fuzz_assert(logreader_new(fd, from, &reader) == 0);
        *ret_half = *from;
        while (!logreader_next(reader, &line)) {
                check(&line);
                fuzz_assert(line.number == from->lines + ++sum.lines);
                sum.records += !!line.record;
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
