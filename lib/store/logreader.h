/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading the record log, line by line, in bounded memory.
 *
 * Owns: which lines are records and which are not. A line that is no record is returned as a
 * finding. The finding has words of ours and nothing of the line, so nothing hostile is in it. It
 * is not fatal.
 * Relies on: lib/store/log.c, which ends a line that a crash tore before it appends the next. So
 * data after the last newline is torn, or is just being written.
 */

#ifndef STORE_LOGREADER_H
#define STORE_LOGREADER_H

#include "base/cleanup.h"
#include "store/record.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LOGREADER_FINDING_MAX 64

/* A place between two lines. All zero: the log's begin. */
struct logreader_place {
        uint64_t offset;
        uint64_t lines; /* how many stand before it */
};

struct logreader_line {
        uint64_t number;  /* 1 is the log's first */
        uint64_t offset;  /* of its first byte */
        const char *text; /* without its newline; valid until the next one is read */
        size_t size;
        const struct record *record;         /* likewise; NULL: the line is none */
        char finding[LOGREADER_FINDING_MAX]; /* what is wrong with it then */
};

enum {
        LOGREADER_E_END = 1, /* no more lines now; there may be later */
};

/* Reads up to @size bytes; how many, 0 at the end for now, or a negative errno. */
typedef ssize_t (*logreader_read)(void *context, char *buffer, size_t size);

struct logreader;

int logreader_new_from(logreader_read read, void *context, const struct logreader_place *from,
                       struct logreader **ret_reader);
int logreader_new(int fd, const struct logreader_place *from, struct logreader **ret_reader);
struct logreader *logreader_free(struct logreader *reader);
CLEANUP_DEFINE(struct logreader, logreader_free)

int logreader_next(struct logreader *reader, struct logreader_line *ret_line);
void logreader_place(const struct logreader *reader, struct logreader_place *ret_place);

int logreader_parse(const char *text, size_t size, struct record **ret_record,
                    char ret_finding[static LOGREADER_FINDING_MAX]);

#endif
