/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading the record log, line by line, in bounded memory.
 *
 * Owns: the judgement of a line, which is pure; and the reading, which begins at a stored place and
 * goes in steps of the size that a line may have.
 * Relies on: RFC 8259; a power loss leaves blocks of NUL bytes if a file grew and its data did not
 * reach the disk.
 */

#include "store/logreader.h"

#include "base/clock.h"
#include "base/lines.h"
#include "base/text.h"
#include "base/uuid.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
        LOGREADER_E_NO_RECORD = 1, /* of logreader_parse() */
};

static int logreader_find(const char *what, char finding[static LOGREADER_FINDING_MAX]) {
        (void)snprintf(finding, LOGREADER_FINDING_MAX, "%s", what);
        return LOGREADER_E_NO_RECORD;
}

/* The key without which a record cannot be told from another, or placed; NULL if all are there. */
static const char *logreader_lacks(const struct record *record) {
        static const char *const events[] = { "start", "interim", "stop",      "port",    "user",
                                              "off",   "on",      "users-off", "users-on" };
        bool known = false;
        uint64_t time;

        for (size_t i = 0; record->event && i < sizeof(events) / sizeof(*events); i++)
                known = known || !strcmp(record->event, events[i]);
        if (!known)
                return "event";
        if (!record->time || clock_parse(record->time, &time) < 0)
                return "time";
        if (!record->session || !uuid_valid(record->session))
                return "session";
        if (record->seq == RECORD_UNKNOWN)
                return "seq";
        if (record_is_port(record) && (record->local_port < 1 || record->local_port > UINT16_MAX))
                return "local_port";
        return NULL;
}

/**
 * logreader_parse() - tell whether a line is a record
 * @text:               the line, without a newline, hostile; a NUL stands behind it
 * @size:               its bytes
 * @ret_record:         the record; keys that are not known are passed over
 * @ret_finding:        what is wrong with a line that is none
 *
 * Return: 0, a positive number if it is no record, or -ENOMEM.
 */
int logreader_parse(const char *text, size_t size, struct record **ret_record,
                    char ret_finding[static LOGREADER_FINDING_MAX]) {
        _cleanup_(record_freep) struct record *record = NULL;
        const char *key = NULL;
        int r;

        if (strspn(text, " \t\r") == size)
                return logreader_find("empty line", ret_finding);
        if (strlen(text) != size)
                return logreader_find("NUL bytes", ret_finding);
        if (!text_is_utf8(text))
                return logreader_find("not UTF-8", ret_finding);

        r = record_decode(text, size, &record, &key);
        if (r < 0)
                return r;
        if (r && !strcmp(key, "JSON"))
                return logreader_find("torn, or not a JSON object", ret_finding);
        if (r && !strcmp(key, "v"))
                return logreader_find("v is not 1: another release wrote it", ret_finding);
        if (!r)
                key = logreader_lacks(record);
        if (key) {
                (void)snprintf(ret_finding, LOGREADER_FINDING_MAX, "%s is missing or wrong", key);
                return LOGREADER_E_NO_RECORD;
        }

        *ret_record = pointer_steal(&record);
        return 0;
}

struct logreader {
        logreader_read read;
        void *context;
        int fd; /* of the reading of a file */
        struct logreader_place from;
        struct logreader_place place; /* behind the last complete line */
        struct lines *lines;
        struct record *record; /* of the last line */
        bool rest_told;        /* what stands behind the last newline was handed out */
};

/* The bytes of a file that is no archive. */
static ssize_t logreader_read_file(void *context, char *buffer, size_t size) {
        const struct logreader *reader = context;
        ssize_t n = read(reader->fd, buffer, size);

        return n < 0 ? -errno : n;
}

/**
 * logreader_new_from() - begin to read a log from whatever has its bytes
 * @read:       reads some of them, as logreader_read says
 * @context:    handed to @read; it stays the caller's
 * @from:       the place of the first byte that @read will give, told by logreader_place() before
 * @ret_reader: the reader
 *
 * Return: 0, or a negative errno.
 */
int logreader_new_from(logreader_read read, void *context, const struct logreader_place *from,
                       struct logreader **ret_reader) {
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        int r;

        if (from->offset > INT64_MAX)
                return -EINVAL;
        reader = calloc(1, sizeof(*reader));
        if (!reader)
                return -ENOMEM;
        reader->read = read;
        reader->context = context;
        reader->fd = -1;
        reader->from = reader->place = *from;
        r = lines_new(RECORD_LINE_MAX, &reader->lines);
        if (r < 0)
                return r;
        *ret_reader = pointer_steal(&reader);
        return 0;
}

/**
 * logreader_new() - begin to read a log
 * @fd:         the log, which stays the caller's; a pipe will do if @from is its begin
 * @from:       where to begin: a place that logreader_place() told of this file
 * @ret_reader: the reader
 *
 * Return: 0, or a negative errno.
 */
int logreader_new(int fd, const struct logreader_place *from, struct logreader **ret_reader) {
        struct logreader *reader;
        int r;

        if (from->offset > INT64_MAX)
                return -EINVAL;
        if (lseek(fd, (off_t)from->offset, SEEK_SET) < 0 && (errno != ESPIPE || from->offset))
                return -errno;
        r = logreader_new_from(logreader_read_file, NULL, from, &reader);
        if (r < 0)
                return r;
        reader->fd = fd;
        reader->context = reader;
        *ret_reader = reader;
        return 0;
}

/**
 * logreader_free() - end what logreader_new() began
 * @reader:     the reader, or NULL
 *
 * Return: NULL.
 */
struct logreader *logreader_free(struct logreader *reader) {
        if (reader) {
                (void)lines_free(reader->lines);
                (void)record_free(reader->record);
        }
        free(reader);
        return NULL;
}

/* Take a whole line, reading as much as that needs. */
static int logreader_take(struct logreader *reader, struct line *ret_line) {
        while (lines_next(reader->lines, ret_line) == LINES_E_MORE) {
                size_t room;
                char *place = lines_room(reader->lines, &room);
                ssize_t n = reader->read(reader->context, place, room);

                if (n == -EINTR)
                        continue;
                if (n < 0)
                        return (int)n;
                if (!n)
                        return LOGREADER_E_END;
                lines_add(reader->lines, (size_t)n);
                reader->rest_told = false;
        }
        return 0;
}

/**
 * logreader_next() - read the next line
 * @reader:     the reader
 * @ret_line:   the line: a record, or a finding
 *
 * What stands behind the last newline is a finding, once; it is read again when it has grown.
 *
 * Return: 0, LOGREADER_E_END, or a negative errno.
 */
int logreader_next(struct logreader *reader, struct logreader_line *ret_line) {
        _cleanup_(record_freep) struct record *record = NULL;
        struct logreader_line found = { .text = "" };
        struct line line;
        bool whole;
        int r;

        r = logreader_take(reader, &line);
        if (r < 0)
                return r;
        whole = !r;
        if (!whole && (reader->rest_told || !lines_rest(reader->lines, &line)))
                return LOGREADER_E_END;

        if (line.too_long) {
                (void)snprintf(found.finding, sizeof(found.finding), "longer than %zu bytes",
                               RECORD_LINE_MAX);
        } else if (!whole) {
                (void)logreader_find("torn, or just being written: no newline at its end",
                                     found.finding);
        } else {
                r = logreader_parse(line.text, line.size, &record, found.finding);
                if (r < 0)
                        return r;
                found.text = line.text;
                found.size = line.size;
        }
        found.number = reader->from.lines + line.number;
        found.offset = reader->from.offset + line.offset;

        if (whole)
                reader->place =
                        (struct logreader_place){ reader->from.offset + line.end, found.number };
        else
                reader->rest_told = true;
        (void)record_free(reader->record);
        found.record = reader->record = pointer_steal(&record);
        *ret_line = found;
        return 0;
}

/**
 * logreader_place() - tell where the next complete line will begin
 * @reader:     the reader
 * @ret_place:  behind the last line that was read, if it had its newline
 */
void logreader_place(const struct logreader *reader, struct logreader_place *ret_place) {
        *ret_place = reader->place;
}
