/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How far each file of the log was read.
 */

#ifndef INDEX_FILES_H
#define INDEX_FILES_H

#include "index/db.h"
#include "store/logreader.h"
#include "store/logset.h"
#include "store/logstream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILES_HEAD_MAX 4096
#define FILES_TAIL_MAX 256

struct file {
        int64_t id; /* 0: not in the database */
        int64_t device, inode, size, changed;
        int64_t offset, lines; /* how far; of an archive, offset is in what was compressed */
        int64_t bad;           /* lines that are no records */
        int64_t head_size, head;
        int64_t tail_offset, tail_size, tail; /* of the last line, or its begin */
        char tail_text[FILES_TAIL_MAX];       /* likewise; tail is made of it by files_put() */
        bool has_tail_text;
        bool seen;
};

struct files {
        struct file *of;
        size_t n;
};

void files_clear(struct files *files);
int files_load(struct files *files, struct db *db);
struct file *files_known(const struct files *files, const struct logset_file *entry);
int files_find(const struct files *files, struct logstream *stream, struct file *ret_file);
int files_put(struct files *files, struct db *db, const struct file *file);
int files_forget(struct files *files, struct db *db);
void files_place(struct file *file, const struct logset_file *entry);
void files_tail(struct file *file, const struct logreader_line *line);
int files_rehead(struct file *file, struct logstream *stream);

#endif
