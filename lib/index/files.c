/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How far each file of the log was read.
 *
 * Owns: how a file is recognised under another name or in another inode (copytruncate, or after
 * gzip): the part that was read begins and ends with the same bytes. A file with another begin is
 * new. If a known file has changed at the place of its last known line, it is read again from its
 * begin. If nothing has changed (inode, size, time), it is not even opened.
 */

#include "index/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum file_column {
        FILE_ID,
        FILE_DEVICE,
        FILE_INODE,
        FILE_SIZE,
        FILE_CHANGED,
        FILE_OFFSET,
        FILE_LINES,
        FILE_BAD,
        FILE_HEAD_SIZE,
        FILE_HEAD,
        FILE_TAIL_OFFSET,
        FILE_TAIL_SIZE,
        FILE_TAIL,
        FILE_COLUMNS,
};

/* FNV-1a. */
static int64_t files_hash(const char *bytes, size_t size) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        for (size_t i = 0; i < size; i++)
                hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
        return (int64_t)hash;
}

/**
 * files_clear() - forget all
 * @files:      the files
 */
void files_clear(struct files *files) {
        free(files->of);
        *files = (struct files){ .n = 0 };
}

static int files_add(struct files *files, const struct file *file) {
        struct file *larger = reallocarray(files->of, files->n + 1, sizeof(*larger));

        if (!larger)
                return -ENOMEM;
        files->of = larger;
        files->of[files->n++] = *file;
        return 0;
}

/**
 * files_load() - read what is known
 * @files:      the files; those from before are forgotten
 * @db:         the database
 *
 * Return: 0, or as db_result().
 */
int files_load(struct files *files, struct db *db) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        int r;

        files_clear(files);
        r = db_bind(db, DB_WALK_FILES, NULL, 0, &statement);
        while (!r) {
                int64_t of[FILE_COLUMNS];
                bool row;

                r = db_step(statement, &row);
                if (r || !row)
                        break;
                for (int i = 0; i < FILE_COLUMNS; i++)
                        of[i] = db_integer(statement, i);
                /* what cannot be is another file's: it is read from its begin */
                if (of[FILE_HEAD_SIZE] <= 0 || of[FILE_HEAD_SIZE] > FILES_HEAD_MAX ||
                    of[FILE_OFFSET] < of[FILE_HEAD_SIZE] || of[FILE_LINES] < 0 ||
                    of[FILE_TAIL_SIZE] < 0 || of[FILE_TAIL_SIZE] > FILES_TAIL_MAX ||
                    of[FILE_TAIL_OFFSET] < 0 || of[FILE_TAIL_OFFSET] > of[FILE_OFFSET] ||
                    of[FILE_OFFSET] - of[FILE_TAIL_OFFSET] < of[FILE_TAIL_SIZE])
                        continue;
                r = files_add(files, &(struct file){
                                             .id = of[FILE_ID],
                                             .device = of[FILE_DEVICE],
                                             .inode = of[FILE_INODE],
                                             .size = of[FILE_SIZE],
                                             .changed = of[FILE_CHANGED],
                                             .offset = of[FILE_OFFSET],
                                             .lines = of[FILE_LINES],
                                             .bad = of[FILE_BAD],
                                             .head_size = of[FILE_HEAD_SIZE],
                                             .head = of[FILE_HEAD],
                                             .tail_offset = of[FILE_TAIL_OFFSET],
                                             .tail_size = of[FILE_TAIL_SIZE],
                                             .tail = of[FILE_TAIL],
                                     });
        }
        return r;
}

/**
 * files_known() - find a file that did not change
 * @files:      the files
 * @entry:      the file as it lies there
 *
 * Return: what is known of it; NULL if it must be looked into.
 */
struct file *files_known(const struct files *files, const struct logset_file *entry) {
        struct file is = { .id = 0 };

        files_place(&is, entry);
        for (size_t i = 0; i < files->n; i++) {
                struct file *file = &files->of[i];

                if (file->device == is.device && file->inode == is.inode && file->size == is.size &&
                    file->changed == is.changed)
                        return file;
        }
        return NULL;
}

static int files_read(struct logstream *stream, char *room, size_t size, size_t *ret_size) {
        size_t n = 0;

        while (n < size) {
                ssize_t got = logstream_read(stream, room + n, size - n);

                if (got == -EBADMSG || !got)
                        break;
                if (got < 0)
                        return (int)got;
                n += (size_t)got;
        }
        *ret_size = n;
        return 0;
}

/* Stand behind what was taken in; positive: that is not there, or not as it was. */
static int files_check(const struct file *file, struct logstream *stream) {
        char room[FILES_TAIL_MAX];
        size_t n = 0;
        int r;

        r = logstream_rewind(stream);
        if (!r)
                r = logstream_skip(stream, (uint64_t)file->tail_offset);
        if (!r)
                r = files_read(stream, room, (size_t)file->tail_size, &n);
        if (r < 0)
                return r == -EBADMSG ? 1 : r;
        if (n < (size_t)file->tail_size || files_hash(room, n) != file->tail)
                return 1;
        r = logstream_skip(stream, (uint64_t)(file->offset - file->tail_offset - file->tail_size));
        return r == -EBADMSG ? 1 : r;
}

/**
 * files_find() - find a file by what is in it, and stand where its unknown part begins
 * @files:      the files
 * @stream:     its bytes
 * @ret_file:   what is known of it; its begin, if nothing is
 *
 * Return: 0, or a negative errno.
 */
int files_find(const struct files *files, struct logstream *stream, struct file *ret_file) {
        const struct file *found = NULL;
        char head[FILES_HEAD_MAX];
        size_t n = 0;
        int r;

        r = files_read(stream, head, sizeof(head), &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < files->n; i++) {
                const struct file *file = &files->of[i];

                if ((size_t)file->head_size <= n &&
                    (!found || file->head_size > found->head_size) &&
                    files_hash(head, (size_t)file->head_size) == file->head)
                        found = file;
        }
        *ret_file = (struct file){ .id = found ? found->id : 0 };
        if (found) {
                r = files_check(found, stream);
                if (r < 0)
                        return r;
                if (!r) {
                        *ret_file = *found;
                        return 0;
                }
        }
        return logstream_rewind(stream);
}

/**
 * files_place() - note where a file lies
 * @file:       what is known of it
 * @entry:      the file as it lies there
 */
void files_place(struct file *file, const struct logset_file *entry) {
        file->device = (int64_t)entry->device;
        file->inode = (int64_t)entry->inode;
        file->size = (int64_t)entry->size;
        file->changed = (int64_t)entry->changed;
}

/**
 * files_tail() - note the last line that was taken in
 * @file:       what is known of the file
 * @line:       the line
 */
void files_tail(struct file *file, const struct logreader_line *line) {
        size_t size = line->size < FILES_TAIL_MAX ? line->size : FILES_TAIL_MAX;

        file->tail_offset = (int64_t)line->offset;
        file->tail_size = (int64_t)size;
        memcpy(file->tail_text, line->text, size);
        file->has_tail_text = true;
}

/**
 * files_rehead() - note a file's begin, as far as it was taken in
 * @file:       what is known of the file
 * @stream:     its bytes, of which nothing is read behind this
 *
 * Return: 0, or a negative errno.
 */
int files_rehead(struct file *file, struct logstream *stream) {
        int64_t size = file->offset < FILES_HEAD_MAX ? file->offset : FILES_HEAD_MAX;
        char head[FILES_HEAD_MAX];
        size_t n = 0;
        int r;

        if (size == file->head_size)
                return 0;
        r = logstream_rewind(stream);
        if (!r)
                r = files_read(stream, head, (size_t)size, &n);
        if (r < 0)
                return r;
        file->head_size = (int64_t)n;
        file->head = files_hash(head, n);
        return 0;
}

/**
 * files_put() - keep what is known of a file
 * @files:      the files
 * @db:         the database, in a transaction
 * @file:       what is known
 *
 * Return: 0, or as db_result().
 */
int files_put(struct files *files, struct db *db, const struct file *file) {
        int64_t tail = file->has_tail_text ? files_hash(file->tail_text, (size_t)file->tail_size)
                                           : file->tail;
        int64_t of[FILE_COLUMNS] = {
                [FILE_ID] = file->id,
                [FILE_DEVICE] = file->device,
                [FILE_INODE] = file->inode,
                [FILE_SIZE] = file->size,
                [FILE_CHANGED] = file->changed,
                [FILE_OFFSET] = file->offset,
                [FILE_LINES] = file->lines,
                [FILE_BAD] = file->bad,
                [FILE_HEAD_SIZE] = file->head_size,
                [FILE_HEAD] = file->head,
                [FILE_TAIL_OFFSET] = file->tail_offset,
                [FILE_TAIL_SIZE] = file->tail_size,
                [FILE_TAIL] = tail,
        };
        struct file kept = *file;
        int r;

        kept.seen = true;
        kept.tail = tail;
        if (!file->id) {
                int64_t id = 0;

                for (size_t i = 0; i < files->n; i++)
                        id = files->of[i].id > id ? files->of[i].id : id;
                kept.id = of[FILE_ID] = id + 1;
        }
        r = db_write(db, DB_PUT_FILE, of, FILE_COLUMNS);
        if (r)
                return r;
        for (size_t i = 0; i < files->n; i++)
                if (files->of[i].id == kept.id) {
                        files->of[i] = kept;
                        return 0;
                }
        return files_add(files, &kept);
}

/**
 * files_forget() - forget the files that are gone
 * @files:      the files; those that are there are seen
 * @db:         the database, in a transaction
 *
 * Return: 0, or as db_result().
 */
int files_forget(struct files *files, struct db *db) {
        int r = 0;

        for (size_t i = 0; i < files->n && !r; i++)
                if (!files->of[i].seen)
                        r = db_write(db, DB_FORGET_FILE, &files->of[i].id, 1);
        return r;
}
