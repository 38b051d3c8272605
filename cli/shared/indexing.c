/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The index as a command uses it.
 *
 * Owns: where its database is: in state_dir for a user who may write there, which is root; else in
 * $XDG_CACHE_HOME or ~/.cache (XDG Base Directory Specification); else in a temporary file, or
 * memory. And what is told while the log is read.
 * Does not: fail because of the database, which is derived. A fault of a database is reported, and
 * the next place is tried.
 */

#include "indexing.h"

#include "badlines.h"
#include "base/base.h"
#include "config.h"
#include "fail.h"
#include "progress.h"
#include "reading/reading.h"
#include "userledger/userledger.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for the name of a database. */
#define INDEXING_NAME_MAX sizeof("index.db")

struct indexing {
        const struct logset *set;
        const char *log; /* the log that the index is of */
        enum index_ledger ledger;
        bool again; /* the other ledger has told what is wrong with the log */
        struct index_watch watch;
        uint64_t bad;
        struct progress progress;
};

static const char *indexing_name(const struct indexing *indexing) {
        return indexing->ledger == INDEX_USERS ? "users.db" : "index.db";
}

static void indexing_line(void *context, const char *path, const struct logreader_line *line) {
        struct indexing *indexing = context;

        if (indexing->again)
                return;
        progress_hide(&indexing->progress);
        badlines_name(&indexing->bad, path, line);
}

static void indexing_file(void *context, const char *path, const char *what) {
        struct indexing *indexing = context;

        if (indexing->again)
                return;
        progress_hide(&indexing->progress);
        fail_warn("%s: %s; only the part that could be read is counted", path, what);
}

static void indexing_progress(void *context, uint64_t done, uint64_t all) {
        struct indexing *indexing = context;

        progress_tell(&indexing->progress, "the log into its index", done, all);
}

static void indexing_end(struct indexing *indexing) {
        progress_hide(&indexing->progress);
        badlines_sum(indexing->bad, "the log");
        indexing->bad = 0;
}

/* Set a damaged database aside, with one line. */
static int indexing_discard(const char *path) {
        int r = index_discard(path);

        if (r < 0)
                fail_warn("the index %s is damaged and cannot be renamed: %s; remove it", path,
                          strerror(-r));
        else
                fail_warn("the index %s was damaged, or is not one of pam_traffic; it was renamed "
                          "to %s.damaged, and is made again from the log",
                          path, path);
        return r;
}

/**
 * indexing_failed() - say that the index failed; one that is damaged is set aside
 * @index:      the index, which is to be freed then; NULL: there is none
 * @error:      what its function returned
 *
 * Return: -EIO.
 */
int indexing_failed(struct index *index, int error) {
        const char *path = index ? index_path(index) : "";

        if (error == INDEX_E_DAMAGED && *path && !indexing_discard(path))
                fail_warn("no data is lost; try again");
        else
                fail_warn("the index of the log cannot be used: %s",
                          error == INDEX_E_DAMAGED ? "it is damaged"
                          : error == INDEX_E_BUSY  ? "it is busy; try again"
                                                   : strerror(-error));
        return -EIO;
}

/* Open one database and take the log in; NULL: in memory. */
static int indexing_try(struct indexing *indexing, const char *path, struct index **ret_index) {
        _cleanup_(index_freep) struct index *index = NULL;
        int r;

        r = index_open(path, indexing->log, indexing->ledger, &index);
        if (r)
                return r;
        r = index_take(index, indexing->set, &indexing->watch);
        indexing_end(indexing);
        if (r == INDEX_E_BUSY) {
                fail_warn("another process is reading the log into the index; the newest records "
                          "may be missing here");
                r = 0;
        }
        if (!r)
                *ret_index = pointer_steal(&index);
        return r;
}

static int indexing_use(struct indexing *indexing, const char *path, struct index **ret_index) {
        int r = indexing_try(indexing, path, ret_index);

        if (r == INDEX_E_DAMAGED && path && *path && !indexing_discard(path))
                r = indexing_try(indexing, path, ret_index);
        if (r && path && *path && r != INDEX_E_DAMAGED)
                fail_warn("the index %s cannot be used: %s", path,
                          r == INDEX_E_BUSY ? "another process has locked it" : strerror(-r));
        return r;
}

/* The admin's own folder; made if it is not there. */
static int indexing_cache(const struct indexing *indexing, char ret_path[static PATH_MAX]) {
        const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
        bool own = !cache || *cache != '/';
        char folder[PATH_MAX - sizeof("/") - INDEXING_NAME_MAX];
        int n;

        if (own && (!home || *home != '/'))
                return -ENOENT;
        n = snprintf(folder, sizeof(folder), "%s%s", own ? home : cache, own ? "/.cache" : "");
        if (n < 0 || (size_t)n >= sizeof(folder) - sizeof("/pam_traffic"))
                return -ENAMETOOLONG;
        if (mkdir(folder, 0700) < 0 && errno != EEXIST)
                return -errno;
        (void)snprintf(folder + n, sizeof(folder) - (size_t)n, "/pam_traffic");
        if (mkdir(folder, 0700) < 0 && errno != EEXIST)
                return -errno;
        (void)snprintf(ret_path, PATH_MAX, "%s/%s", folder, indexing_name(indexing));
        return 0;
}

/* What others can write is no source of ours. @st: of a folder or a file. */
static bool indexing_is_ours(const char *path, const struct stat *st) {
        if (st->st_uid != geteuid())
                fail_warn("the index is not used: %s belongs to another user", path);
        else if (st->st_mode & (S_IWGRP | S_IWOTH))
                fail_warn("the index is not used: other users can write to %s; chmod go-w changes "
                          "that",
                          path);
        else
                return true;
        return false;
}

static bool indexing_is_safe(const char *path) {
        char folder[PATH_MAX];
        struct stat st;

        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
        if (stat(folder, &st) < 0 || !indexing_is_ours(folder, &st))
                return false;
        if (lstat(path, &st) < 0)
                return true;
        if (!S_ISREG(st.st_mode)) {
                fail_warn("the index is not used: %s is not a regular file; delete it", path);
                return false;
        }
        return indexing_is_ours(path, &st);
}

static int indexing_run(struct indexing *indexing, const char *state_dir,
                        struct index **ret_index) {
        char path[PATH_MAX];
        int r;

        indexing->watch = (struct index_watch){ .context = indexing,
                                                .line = indexing_line,
                                                .file = indexing_file,
                                                .progress = indexing_progress };
        progress_begin(&indexing->progress);

        if (state_dir && faccessat(AT_FDCWD, state_dir, W_OK | X_OK, AT_EACCESS) == 0 &&
            snprintf(path, sizeof(path), "%s/%s", state_dir, indexing_name(indexing)) <
                    (int)sizeof(path) &&
            indexing_is_safe(path) && !indexing_use(indexing, path, ret_index))
                return 0;
        if (state_dir && !indexing_cache(indexing, path) && indexing_is_safe(path) &&
            !indexing_use(indexing, path, ret_index))
                return 0;
        /* a temporary file, so that a large log needs no more memory than a small one */
        if (!indexing_use(indexing, "", ret_index))
                return 0;
        r = indexing_use(indexing, NULL, ret_index);
        return r ? indexing_failed(NULL, r) : 0;
}

/* The log that the configuration names, brought up to date. */
static int indexing_open_log(const struct settings *settings, enum index_ledger ledger, bool again,
                             struct index **ret_index) {
        _cleanup_(logset_freep) struct logset *set = NULL;
        struct indexing indexing = {
                .log = settings->log_file,
                .ledger = ledger,
                .again = again,
        };
        int r;

        r = logset_new(settings->log_file, &set);
        if (r < 0)
                return fail_unreadable(settings->log_file, false, -r);
        if (!set->n)
                return fail_unreadable(settings->log_file, false, ENOENT);
        if (faccessat(AT_FDCWD, set->files[set->n - 1].path, R_OK, AT_EACCESS) < 0)
                return fail_unreadable(set->files[set->n - 1].path, false, errno);
        indexing.set = set;
        return indexing_run(&indexing, settings->state_dir, ret_index);
}

/* In memory. */
static int indexing_open_files(char *const *paths, size_t n, enum index_ledger ledger, bool again,
                               struct index **ret_index) {
        _cleanup_(logset_freep) struct logset *set = calloc(1, sizeof(*set));
        struct indexing indexing = {
                .set = set,
                .log = "",
                .ledger = ledger,
                .again = again,
        };

        if (!set)
                return fail_unreadable(paths[0], false, ENOMEM);
        for (size_t i = 0; i < n; i++) {
                int r = logset_add(set, paths[i]);

                if (!r && faccessat(AT_FDCWD, paths[i], R_OK, AT_EACCESS) < 0)
                        r = -errno;
                if (r < 0)
                        return fail_unreadable(paths[i], false, -r);
        }
        return indexing_run(&indexing, NULL, ret_index);
}

/**
 * indexing_open() - open the index of the log, or make one of some files
 * @settings:   name the log and its index, which is brought up to date
 * @paths:      the files, in place of the log; archives will do, too
 * @n:          how many; 0: the log
 * @ledger:     which of its records
 * @again:      its other ledger was opened just before, and has told what is wrong with the log
 * @ret_index:  the index
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int indexing_open(const struct settings *settings, char *const *paths, size_t n,
                  enum index_ledger ledger, bool again, struct index **ret_index) {
        return n ? indexing_open_files(paths, n, ledger, again, ret_index)
                 : indexing_open_log(settings, ledger, again, ret_index);
}

static void indexing_quiet_line(void *context, const char *path,
                                const struct logreader_line *line) {
        (void)context;
        (void)path;
        (void)line;
}

static void indexing_quiet_file(void *context, const char *path, const char *what) {
        (void)context;
        (void)path;
        (void)what;
}

static void indexing_quiet_progress(void *context, uint64_t done, uint64_t all) {
        (void)context;
        (void)done;
        (void)all;
}

/* Once more, what has come since: sessions whose state was gone when the open ones were read. */
static int indexing_take_rest(const struct settings *settings, struct index *index) {
        static const struct index_watch quiet = { NULL, indexing_quiet_line, indexing_quiet_file,
                                                  indexing_quiet_progress };
        _cleanup_(logset_freep) struct logset *set = NULL;
        int r = logset_new(settings->log_file, &set);

        return r ? r : index_take(index, set, &quiet);
}

/* What root may see of the SSH ledger: the open sessions and the ports, all of one moment. */
static int indexing_suppose_ssh(const struct settings *settings, struct index *index) {
        _cleanup_(live_freep) struct live *live = NULL;
        _cleanup_(freep) struct record **records = NULL;
        _cleanup_(fd_closep) int proc_fd = -1;
        size_t n = 0;
        int r;

        proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = proc_fd < 0 ? -errno : live_read(settings, proc_fd, LIVE_TOGETHER, &live);
        if (r < 0)
                return r;
        records = calloc(live->n_waiting + live->n + live->n_ports + 1, sizeof(struct record *));
        if (!records)
                return -ENOMEM;
        for (size_t i = 0; i < live->n_waiting; i++)
                records[n++] = live->waiting[i];
        for (size_t i = 0; i < live->n; i++)
                records[n++] = live->sessions[i].record;
        for (size_t i = 0; i < live->n_ports; i++)
                records[n++] = live->ports[i];
        if (!n)
                return 0;
        r = indexing_take_rest(settings, index);
        return r ? r : index_suppose(index, records, n);
}

/* ... of the users' ledger: what the kernel has counted until now. */
static int indexing_suppose_users(const struct settings *settings, struct index *index) {
        _cleanup_(usernow_freep) struct usernow *now = NULL;
        int r = usernow_read(settings, &now);

        if (!r)
                r = indexing_take_rest(settings, index);
        return r ? r : index_suppose(index, now->records, now->n);
}

/**
 * indexing_open_now() - open the index, with what the open sessions have moved until now
 * @settings:   as for indexing_open()
 * @paths:      likewise
 * @n:          likewise
 * @ledger:     likewise
 * @again:      likewise
 * @ret_index:  the index; index_suppose_end() is to be called soon
 *
 * Where that cannot be known (other users, files, tables that are busy), they are counted to their
 * last records; index_counts() has open_until.
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int indexing_open_now(const struct settings *settings, char *const *paths, size_t n,
                      enum index_ledger ledger, bool again, struct index **ret_index) {
        int r = indexing_open(settings, paths, n, ledger, again, ret_index);

        if (r || n)
                return r;
        (void)(ledger == INDEX_USERS ? indexing_suppose_users(settings, *ret_index)
                                     : indexing_suppose_ssh(settings, *ret_index));
        return 0;
}

/**
 * indexing_has_user() - tell whether anything is known of a user
 * @index:      the index
 * @user:       the name
 *
 * Somebody who is not a user of this host either is a slip of the pen (INDEXING_NO_USER): it must
 * not read as 0.
 *
 * Return: true if the log has, or ever had, a session of his, or it is not known.
 */
bool indexing_has_user(struct index *index, const char *user) {
        const uint64_t ever[] = { 0, INDEX_END };
        const struct index_query query = { .edges = ever, .n_edges = 2, .user = user };
        _cleanup_(index_ask_freep) struct index_answer *answer = NULL;

        return index_ask(index, &query, &answer) || answer->total.sessions;
}
