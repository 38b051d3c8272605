/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All files that a command reads records from: those that the admin named, or the log and its
 * rotated files.
 */

#include "inputs.h"

#include "base/base.h"
#include "cli/shared/fail.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of the set is not there any more. */
#define INPUTS_AGAIN 1
#define INPUTS_TRIES 5

static int inputs_begin(size_t n, struct inputs *ret_inputs) {
        struct input *of = calloc(n ? n : 1, sizeof(*of));

        if (!of)
                return fail(-ENOMEM, "%s", strerror(ENOMEM));
        *ret_inputs = (struct inputs){ .of = of };
        return 0;
}

/**
 * inputs_since() - tell which records a session must have that was open at a moment
 * @settings:   have the interval of interim records
 * @moment:     the moment, microseconds of CLOCK_REALTIME
 *
 * Return: since when; 0 where sessions write no records in between.
 */
uint64_t inputs_since(const struct settings *settings, uint64_t moment) {
        /* the reap comes every minute, and may be late */
        uint64_t span = 2 * (settings->interim_interval + 60 * CLOCK_SECOND);

        if (!settings->interim_interval)
                return 0;
        return moment > span ? moment - span : 0;
}

/**
 * inputs_open_files() - open the files that the admin named
 * @paths:      the files
 * @n:          how many
 * @ret_inputs: the files; to be given to inputs_close() whatever is returned
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int inputs_open_files(char **paths, size_t n, struct inputs *ret_inputs) {
        int r = inputs_begin(n, ret_inputs);

        for (size_t i = 0; !r && i < n; i++) {
                r = input_open(paths[i], true, &ret_inputs->of[i]);
                if (!r)
                        ret_inputs->n++;
        }
        return r;
}

/* All files stay open, since records are looked up again; there may be more than the usual 1024. */
static void inputs_allow(void) {
        struct rlimit limit;

        if (!getrlimit(RLIMIT_NOFILE, &limit)) {
                limit.rlim_cur = limit.rlim_max;
                (void)setrlimit(RLIMIT_NOFILE, &limit);
        }
}

/* Return: 0, INPUTS_AGAIN if logrotate went by, or a negative errno, which has been told. */
static int inputs_open_set(const struct logset *set, uint64_t since, struct inputs *inputs) {
        int r = inputs_begin(set->n, inputs);

        for (size_t i = 0; !r && i < set->n; i++) {
                const struct logset_file *file = &set->files[i];

                /* the last one is the log itself, and may grow */
                if (i + 1 < set->n && file->changed / 1000 < since)
                        continue;
                if (access(file->path, F_OK) < 0 && errno == ENOENT)
                        return INPUTS_AGAIN;
                r = input_open(file->path, true, &inputs->of[inputs->n]);
                if (!r)
                        inputs->n++;
        }
        return r;
}

/**
 * inputs_open_log() - open the log and its rotated files
 * @path:       where the log is
 * @since:      files that ended before this moment are not wanted, microseconds of CLOCK_REALTIME
 * @ret_inputs: the files, the oldest first; to be given to inputs_close() whatever is returned
 *
 * Return: 0, or a negative errno after a line on standard error.
 */
int inputs_open_log(const char *path, uint64_t since, struct inputs *ret_inputs) {
        int r = INPUTS_AGAIN;

        inputs_allow();
        for (int i = 0; r == INPUTS_AGAIN && i < INPUTS_TRIES; i++) {
                _cleanup_(logset_freep) struct logset *set = NULL;

                inputs_close(ret_inputs);
                /* what is wrong with the folder or the log, opening the log tells best */
                if (logset_new(path, &set) < 0 || !set->n)
                        break;
                r = inputs_open_set(set, since, ret_inputs);
        }
        if (r != INPUTS_AGAIN)
                return r;
        inputs_close(ret_inputs);
        r = inputs_begin(1, ret_inputs);
        if (!r)
                r = input_open(path, false, &ret_inputs->of[0]);
        if (!r)
                ret_inputs->n = 1;
        return r;
}

/**
 * inputs_open_rotated() - open the rotated files of the log, without the log itself
 * @path:       where the log is
 * @since:      files that ended before this moment are not wanted, microseconds of CLOCK_REALTIME
 * @ret_inputs: the files, the oldest first; to be given to inputs_close() whatever is returned
 *
 * Return: 0, or a negative errno; then they cannot be read.
 */
int inputs_open_rotated(const char *path, uint64_t since, struct inputs *ret_inputs) {
        _cleanup_(logset_freep) struct logset *set = NULL;
        struct stat st = { 0 };
        int r;

        inputs_allow();
        r = logset_new(path, &set);
        if (r < 0)
                return r;
        (void)!stat(path, &st);
        if (set->n && set->files[set->n - 1].inode == st.st_ino &&
            set->files[set->n - 1].device == st.st_dev)
                free(set->files[--set->n].path);
        r = inputs_open_set(set, since, ret_inputs);
        return r == INPUTS_AGAIN ? -ENOENT : r;
}

/**
 * inputs_close() - end what was opened
 * @inputs:     the files; all zero is none
 */
void inputs_close(struct inputs *inputs) {
        for (size_t i = 0; i < inputs->n; i++)
                input_close(&inputs->of[i]);
        free(inputs->of);
        *inputs = (struct inputs){ .n = 0 };
}

/**
 * inputs_failed() - say that records could not be read once more, or printed
 * @error:      a negative errno, perhaps of input_read_line()
 *
 * Return: EXIT_FAILED.
 */
int inputs_failed(int error) {
        if (error != -ESTALE)
                return fail_errno(error);
        return fail(EXIT_FAILED, "the log was truncated while it was read (by logrotate?); try "
                                 "again");
}
