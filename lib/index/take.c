/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reading the log into the index.
 *
 * Owns: the transactions. What is new is written in parts of some 200,000 records; each part says
 * how far its file was read. A process that is killed loses its last part, and the next one reads
 * it again. While a part is written, nobody else can write. Between two parts another process may
 * have written; then the reading begins anew from what that process left.
 */

#include "index/accounts.h"
#include "index/buckets.h"
#include "index/files.h"
#include "index/marks.h"
#include "index/parties.h"
#include "index/private.h"
#include "index/sshlogins.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TAKE_PART 200000
#define TAKE_PROGRESS 1000 /* records between two words about the progress */

enum {
        TAKE_E_AGAIN = 100, /* somebody else wrote in between; beside INDEX_E_... */
};

struct take {
        struct db *db;
        enum index_ledger ledger;
        const struct index_watch *watch;
        struct buckets *buckets;
        struct parties *parties;
        struct accounts *accounts;
        struct files files;
        int64_t changes;       /* by others, when the last transaction ended */
        uint64_t records, bad; /* in this part */
        uint64_t done, all;    /* bytes */
};

static void take_free(struct take *take) {
        (void)accounts_free(take->accounts);
        (void)parties_free(take->parties);
        (void)buckets_free(take->buckets);
        files_clear(&take->files);
}

static int take_changes(struct take *take, int64_t *ret_changes) {
        _cleanup_(db_donep) sqlite3_stmt *statement = NULL;
        bool row;
        int r = db_bind(take->db, DB_CHANGES, NULL, 0, &statement);

        if (!r)
                r = db_step(statement, &row);
        if (!r)
                *ret_changes = row ? db_integer(statement, 0) : 0;
        return r;
}

static int take_begin(struct take *take) {
        int r = db_run(take->db, DB_BEGIN);

        if (r)
                return r;
        take->records = take->bad = 0;
        r = take_changes(take, &take->changes);
        if (!r)
                r = accounts_begin(take->accounts);
        if (!r)
                r = files_load(&take->files, take->db);
        return r;
}

static int take_commit(struct take *take) {
        int r = accounts_flush(take->accounts, take->bad);

        return r ? r : db_run(take->db, DB_COMMIT);
}

/* End a part and begin the next, with all files seen as before. */
static int take_next_part(struct take *take) {
        int64_t changes;
        int r;

        r = take_commit(take);
        if (!r)
                r = db_run(take->db, DB_BEGIN);
        if (r)
                return r;
        r = take_changes(take, &changes);
        if (r)
                return r;
        if (changes != take->changes)
                return TAKE_E_AGAIN;
        take->records = take->bad = 0;
        return accounts_begin(take->accounts);
}

static void take_progress(const struct take *take, uint64_t here) {
        if (take->watch->progress && take->all)
                take->watch->progress(take->watch->context, take->done + here, take->all);
}

static void take_say(const struct take *take, const char *path, const char *what) {
        if (take->watch->file)
                take->watch->file(take->watch->context, path, what);
}

/* Take a record in, if it is of this ledger. That of users has from the other one which login is
 * which session. */
static int take_record(struct take *take, const struct record *record) {
        const bool mark = record_is_mark(record) || record_is_users_mark(record);
        const bool users = record_is_user(record) || record_is_users_mark(record);
        int r = 0;

        if (take->ledger == INDEX_USERS)
                r = sshlogins_put(take->db, take->parties, record);
        if (!r && users == (take->ledger == INDEX_USERS))
                r = mark ? marks_put(take->db, take->parties, record)
                         : accounts_take(take->accounts, record);
        if (!r)
                take->records++;
        return r;
}

static int take_line(struct take *take, const struct logset_file *entry, struct file *file,
                     const struct logreader_line *line, bool whole) {
        if (line->record) {
                int r = take_record(take, line->record);

                if (r)
                        return r;
        } else {
                if (take->watch->line)
                        take->watch->line(take->watch->context, entry->path, line);
                file->bad += whole;
                take->bad += whole;
        }
        if (whole)
                files_tail(file, line);
        return 0;
}

/* Put down how far a file was read. */
static int take_put(struct take *take, const struct logset_file *entry, struct file *file,
                    struct logstream *stream, bool more) {
        int r;

        if (!file->offset)
                return 0;
        r = files_rehead(file, stream);
        if (r < 0)
                return r;
        files_place(file, entry);
        /* no file has this size: it is not taken for one that did not change */
        file->size = more ? -1 : file->size;
        return files_put(&take->files, take->db, file);
}

static int take_lines(struct take *take, const struct logset_file *entry, struct file *file,
                      struct logstream *stream, struct logreader *reader) {
        struct logreader_line line;
        int r;

        while (!(r = logreader_next(reader, &line))) {
                struct logreader_place place;

                logreader_place(reader, &place);
                r = take_line(take, entry, file, &line, place.lines == line.number);
                if (r)
                        return r;
                file->offset = (int64_t)place.offset;
                file->lines = (int64_t)place.lines;
                if (line.number % TAKE_PROGRESS == 0)
                        take_progress(take, logstream_consumed(stream));
                /* an archive cannot be gone back in cheaply: it is one part */
                if (take->records >= TAKE_PART && !logstream_compressed(stream))
                        return TAKE_E_AGAIN;
        }
        if (r == -EBADMSG) {
                take_say(take, entry->path, logstream_fault(stream));
                return 0;
        }
        return r == LOGREADER_E_END ? 0 : r;
}

/* Take in what is new of a file; a file that cannot be read is passed over. */
static int take_file(struct take *take, const struct logset_file *entry, bool *ret_more) {
        _cleanup_(logstream_freep) struct logstream *stream = NULL;
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        struct logreader_place from;
        struct file file;
        int r;

        *ret_more = false;
        r = logstream_new(entry->path, &stream);
        if (!r)
                r = files_find(&take->files, stream, &file);
        if (r == -ENOMEM || r == -ENOENT)
                return r == -ENOENT ? 0 : r;
        if (r < 0) {
                take_say(take, entry->path, strerror(-r));
                return 0;
        }
        from = (struct logreader_place){ (uint64_t)file.offset, (uint64_t)file.lines };
        r = logreader_new_from(logstream_read, stream, &from, &reader);
        if (!r)
                r = take_lines(take, entry, &file, stream, reader);
        if (r && r != TAKE_E_AGAIN)
                return r;
        *ret_more = r == TAKE_E_AGAIN;
        return take_put(take, entry, &file, stream, *ret_more);
}

static int take_set(struct take *take, const struct logset *set) {
        take->done = take->all = 0;
        for (size_t i = 0; i < set->n; i++)
                if (!files_known(&take->files, &set->files[i]))
                        take->all += set->files[i].size;
        for (size_t i = 0; i < set->n; i++) {
                const struct logset_file *entry = &set->files[i];
                struct file *known = files_known(&take->files, entry);
                bool more = true;

                if (known) {
                        known->seen = true;
                        continue;
                }
                while (more) {
                        int r = take_file(take, entry, &more);

                        if (!r && take->records >= TAKE_PART)
                                r = take_next_part(take);
                        if (r)
                                return r;
                }
                take->done += entry->size;
        }
        return files_forget(&take->files, take->db);
}

static int take_once(struct index *index, const struct logset *set,
                     const struct index_watch *watch) {
        _cleanup_(take_free) struct take take = {
                .db = &index->db,
                .ledger = index->ledger,
                .watch = watch,
        };
        int r;

        r = buckets_new(&take.buckets);
        if (!r)
                r = parties_new(&take.parties);
        if (!r)
                r = accounts_new(take.db, take.buckets, take.parties, &take.accounts);
        if (!r)
                r = take_begin(&take);
        if (!r)
                r = take_set(&take, set);
        if (!r)
                r = take_commit(&take);
        if (r)
                (void)db_run(take.db, DB_ROLLBACK);
        return r;
}

/**
 * index_take() - take in what is new in the log
 * @index:      the index
 * @set:        the log's files
 * @watch:      told what happens
 *
 * Return: 0, INDEX_E_BUSY (what is there may be asked), INDEX_E_DAMAGED, or a negative errno.
 */
int index_take(struct index *index, const struct logset *set, const struct index_watch *watch) {
        int r;

        index_suppose_end(index);
        do
                r = take_once(index, set, watch);
        while (r == TAKE_E_AGAIN);
        return db_reason(&index->db, r);
}
