/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The record log and its rotated files.
 *
 * Owns: the names that logrotate(8) makes: LOG.N, with dateext LOG-YYYYMMDD or what dateformat says
 * in digits, dots and dashes, each with .gz or .zst or without. While a file is being compressed,
 * both the file and its archive are there; the archive is not complete yet then, and is left out.
 */

#include "store/logset.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LOGSET_MAX 4096 /* of one log */

static void logset_take(struct logset_file *file, const struct stat *st) {
        file->device = st->st_dev;
        file->inode = st->st_ino;
        file->size = st->st_size < 0 ? 0 : (uint64_t)st->st_size;
        file->changed =
                (uint64_t)st->st_mtim.tv_sec * UINT64_C(1000000000) + (uint64_t)st->st_mtim.tv_nsec;
}

/**
 * logset_add() - take a file into a set
 * @set:        the set; all zero is one without files
 * @path:       the file, behind those that are there
 *
 * Return: 0, -EBADF if it is no regular file, or another negative errno.
 */
int logset_add(struct logset *set, const char *path) {
        struct logset_file *files;
        struct stat st;
        char *copy;

        if (stat(path, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        copy = strdup(path);
        if (!copy)
                return -ENOMEM;
        files = reallocarray(set->files, set->n + 1, sizeof(*files));
        if (!files) {
                free(copy);
                return -ENOMEM;
        }
        set->files = files;
        files[set->n] = (struct logset_file){ .path = copy };
        logset_take(&files[set->n++], &st);
        return 0;
}

/**
 * logset_free() - end a set
 * @set:        the set, or NULL
 *
 * Return: NULL.
 */
struct logset *logset_free(struct logset *set) {
        for (size_t i = 0; set && i < set->n; i++)
                free(set->files[i].path);
        if (set)
                free(set->files);
        free(set);
        return NULL;
}

/* The length of a name without the ending of an archive. */
static size_t logset_stem(const char *name) {
        static const char *const endings[] = { ".gz", ".zst" };
        size_t n = strlen(name);

        for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
                size_t m = strlen(endings[i]);

                if (n > m && !strcmp(name + n - m, endings[i]))
                        return n - m;
        }
        return n;
}

/* Whether a name is the log's own, and a dot or dash, and digits. */
static bool logset_is_rotated(const char *name, const char *log) {
        size_t n = strlen(log), stem = logset_stem(name);

        if (stem < n + 2 || strncmp(name, log, n) != 0)
                return false;
        if ((name[n] != '.' && name[n] != '-') || name[n + 1] < '0' || name[n + 1] > '9')
                return false;
        return n + 1 + strspn(name + n + 1, "0123456789.-") >= stem;
}

/* LOG.1 to LOG.99999; a date has more digits. */
static bool logset_is_numbered(const char *rest) {
        return rest[0] == '.' && strspn(rest + 1, "0123456789") < 6 &&
               rest[1 + strspn(rest + 1, "0123456789")] != '-';
}

struct logset_name {
        const char *name;
        size_t log; /* the length of the log's name */
};

/* Oldest first. Who went from numbers to dates has the numbered ones from before. */
static int logset_compare(const void *a, const void *b) {
        const struct logset_name *x = a, *y = b;
        bool p = logset_is_numbered(x->name + x->log), q = logset_is_numbered(y->name + y->log);

        if (p != q)
                return p ? -1 : 1;
        return p ? strverscmp(y->name, x->name) : strverscmp(x->name, y->name);
}

/* Whether the file of which this one is the archive is there, too. */
static bool logset_has_plain(const struct logset_name *names, size_t n, const char *name) {
        size_t stem = logset_stem(name);

        for (size_t i = 0; name[stem] && i < n; i++)
                if (strlen(names[i].name) == stem && !strncmp(names[i].name, name, stem))
                        return true;
        return false;
}

static int logset_fill(struct logset *set, const char *path, const struct logset_name *names,
                       size_t n) {
        const char *slash = strrchr(path, '/');
        int folder = slash ? (int)(slash - path) + 1 : 0;
        char place[PATH_MAX];
        int r;

        for (size_t i = 0; i < n; i++) {
                if (logset_has_plain(names, n, names[i].name))
                        continue;
                if (snprintf(place, sizeof(place), "%.*s%s", folder, path, names[i].name) >=
                    (int)sizeof(place))
                        return -ENAMETOOLONG;
                r = logset_add(set, place);
                /* logrotate went by */
                if (r < 0 && r != -ENOENT && r != -EBADF)
                        return r;
        }
        r = logset_add(set, path);
        return r == -ENOENT ? 0 : r;
}

/**
 * logset_new() - find the log and its rotated files
 * @path:       the log
 * @ret_set:    those that are there, oldest first, the log last; perhaps none
 *
 * Return: 0, -EBADF if the log is no regular file, or another negative errno.
 */
int logset_new(const char *path, struct logset **ret_set) {
        _cleanup_(logset_freep) struct logset *set = calloc(1, sizeof(*set));
        _cleanup_(freep) struct logset_name *names = NULL;
        const char *slash = strrchr(path, '/');
        const char *log = slash ? slash + 1 : path;
        struct dirent **entries = NULL;
        char folder[PATH_MAX];
        size_t n = 0;
        int all, r;

        names = calloc(LOGSET_MAX, sizeof(*names));
        if (!set || !names)
                return -ENOMEM;
        if (!*log || strlen(path) >= sizeof(folder))
                return -EINVAL;
        (void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
                       slash ? path : ".");
        all = scandir(folder, &entries, NULL, NULL);
        if (all < 0)
                return -errno;
        for (int i = 0; i < all; i++)
                if (n < LOGSET_MAX && logset_is_rotated(entries[i]->d_name, log))
                        names[n++] = (struct logset_name){ entries[i]->d_name, strlen(log) };
        qsort(names, n, sizeof(*names), logset_compare);
        r = logset_fill(set, path, names, n);
        for (int i = 0; i < all; i++)
                free(entries[i]);
        free(entries);
        if (r < 0)
                return r;
        *ret_set = pointer_steal(&set);
        return 0;
}
