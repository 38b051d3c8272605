/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The index.
 *
 * Owns: how it is opened and closed, and what is done with a damaged database.
 */

#include "index/private.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * index_open() - open the index, or make it
 * @path:       the database; "": a temporary file that nobody sees; NULL: in memory
 * @log:        the log of which it is; one of another log is made anew
 * @ledger:     of which of its records
 * @ret_index:  the index
 *
 * Return: 0, INDEX_E_DAMAGED if it is damaged or not ours, INDEX_E_BUSY, or a negative errno.
 */
int index_open(const char *path, const char *log, enum index_ledger ledger,
               struct index **ret_index) {
        _cleanup_(freep) char *name = NULL;
        struct index *index;
        int r;

        if (asprintf(&name, "%s%s", ledger == INDEX_USERS ? "users of " : "", log) < 0)
                return -ENOMEM;
        index = calloc(1, sizeof(*index));
        if (!index)
                return -ENOMEM;
        index->ledger = ledger;
        r = db_open(path, name, &index->db);
        if (r) {
                (void)index_free(index);
                return r;
        }
        *ret_index = index;
        return 0;
}

/**
 * index_free() - end what index_open() began
 * @index:      the index, or NULL
 *
 * Return: NULL.
 */
struct index *index_free(struct index *index) {
        if (index) {
                index_suppose_end(index);
                db_close(&index->db);
        }
        free(index);
        return NULL;
}

/**
 * index_path() - tell where an index is
 * @index:      the index
 *
 * Return: its absolute path, until it is freed; "" for one that has none.
 */
const char *index_path(const struct index *index) {
        const char *path = sqlite3_db_filename(index->db.handle, "main");

        return path ? path : "";
}

/**
 * index_discard() - set a damaged database aside
 * @path:       the database, which nobody here uses any more; it becomes PATH.damaged
 *
 * Return: 0, or a negative errno.
 */
int index_discard(const char *path) {
        static const char *const beside[] = { "-wal", "-shm", "-journal" };
        char name[PATH_MAX];

        if (snprintf(name, sizeof(name), "%s.damaged", path) >= (int)sizeof(name))
                return -ENAMETOOLONG;
        if (rename(path, name) < 0 && errno != ENOENT)
                return -errno;
        /* the log of another database would be played into the new one */
        for (size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++)
                if (snprintf(name, sizeof(name), "%s%s", path, beside[i]) < (int)sizeof(name))
                        (void)unlink(name);
        return 0;
}
