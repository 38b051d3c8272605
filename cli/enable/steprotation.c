/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What `enable` and `disable` do about the rotation of the log.
 *
 * Owns: whose the file of logrotate is. One that `enable` wrote has a copy in the folder `backup`;
 * one that a package brought has none. Either is changed, or goes, only if nobody has edited it.
 * Another log becomes one more path in it: the old one may still be another configuration's.
 */

#include "steprotation.h"

#include "base/base.h"
#include "cli/etc/etcfile.h"
#include "cli/etc/rotation.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define STEPROTATION_COPY "logrotate"
#define STEPROTATION_WHY_MAX 640
#define STEPROTATION_PATIENCE (10 * CLOCK_SECOND)

/* The file is not there. */
static int steprotation_write(const struct steps *steps, const char *text) {
        _cleanup_(fd_closep) int fd = -1;
        size_t size = strlen(text);
        int r;

        r = file_replace_at(steps->backup_fd, STEPROTATION_COPY, text, size, true);
        if (r < 0)
                return r;
        fd = open(ROTATION_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return -errno;
        if (fchmod(fd, 0644) < 0 || write(fd, text, size) != (ssize_t)size || fsync(fd) < 0) {
                r = errno ? -errno : -EIO;
                (void)unlink(ROTATION_FILE);
        }
        return r;
}

/* The file is there, for other logs. What a package brought gets no copy. */
static int steprotation_renew(const struct steps *steps, const struct etcfile *file,
                              const char *text) {
        size_t size = strlen(text);
        int r = 0;

        if (!faccessat(steps->backup_fd, STEPROTATION_COPY, F_OK, AT_SYMLINK_NOFOLLOW))
                r = file_replace_at(steps->backup_fd, STEPROTATION_COPY, text, size, true);
        return r < 0 ? r : etcfile_replace(file, text, size);
}

/* Nobody else changes the file meanwhile; in a dry run nobody does. */
static int steprotation_lock(const struct steps *steps, int *ret_fd) {
        if (steps->dry_run)
                return 0;
        return statelock_take_at(steps->settings->state_dir, STATELOCK_PAM,
                                 clock_now(CLOCK_MONOTONIC) + STEPROTATION_PATIENCE, ret_fd);
}

/* Read the file. Return: 0, or a negative errno; or -EPERM and the reason why it is left alone. */
static int steprotation_open(struct etcfile *file, const char **ret_reason) {
        int r = etcfile_open(ROTATION_FILE, ROTATION_SIZE_MAX, file, ret_reason);

        if (r)
                return r < 0 ? r : -EFBIG;
        if (!*ret_reason && !rotation_is_made(file->data))
                *ret_reason = "it was edited";
        return *ret_reason ? -EPERM : 0;
}

/**
 * steprotation_add() - have the log rotated, unless it is
 * @steps:      the run
 */
void steprotation_add(struct steps *steps) {
        _cleanup_(etcfile_close) struct etcfile file = ETCFILE_INIT;
        const char *log = steps->settings->log_file, *reason = NULL;
        _cleanup_(freep) char *text = NULL;
        char path[ROTATION_PATH_MAX], why[STEPROTATION_WHY_MAX];
        _cleanup_(fd_closep) int lock_fd = -1;
        int r;

        if (!rotation_find(log, path)) {
                (void)printf("%s already rotates the log\n", path);
                return;
        }
        if (access(PATH_LOGROTATE, F_OK) < 0) {
                (void)printf("There is no " PATH_LOGROTATE
                             ": make sure that something else rotates "
                             "%s, or it grows without limit\n",
                             log);
                return;
        }
        r = steprotation_lock(steps, &lock_fd);
        if (!r)
                r = steprotation_open(&file, &reason);
        if (!r)
                r = rotation_add(file.data, log, &text);
        else if (r == -ENOENT)
                r = rotation_text(log, &text);
        if (!r && !steps->dry_run)
                r = file.data ? steprotation_renew(steps, &file, text)
                              : steprotation_write(steps, text);
        if (!r) {
                steps_say(steps, "Wrote", "Would write", ROTATION_FILE);
                return;
        }
        (void)snprintf(why, sizeof(why), "%s%s%s%s", reason ? reason : strerror(-r),
                       reason ? "; add " : "", reason ? log : "",
                       reason ? " to the paths in it" : "");
        steps_failed(steps, "cannot write " ROTATION_FILE, why);
}

/* Take the log out of the file; or the file away, if that is all it has, and it is ours. */
static int steprotation_undo(const struct steps *steps, const struct etcfile *file, bool ours) {
        _cleanup_(freep) char *text = NULL;
        int r = rotation_drop(file->data, steps->settings->log_file, &text);

        if (!r)
                return steprotation_renew(steps, file, text);
        if (r < 0 && r != -EINVAL)
                return r;
        if (ours) {
                if (unlink(ROTATION_FILE) < 0)
                        return -errno;
                (void)unlinkat(steps->backup_fd, STEPROTATION_COPY, 0);
                return 0;
        }
        r = rotation_text(PATH_LOG, &text);
        return r < 0 ? r : etcfile_replace(file, text, strlen(text));
}

/**
 * steprotation_remove() - take back what steprotation_add() did
 * @steps:      the run
 *
 * A file that somebody edited, or that came with a package, stays.
 */
void steprotation_remove(struct steps *steps) {
        _cleanup_(etcfile_close) struct etcfile file = ETCFILE_INIT;
        _cleanup_(freep) char *copy = NULL;
        _cleanup_(fd_closep) int lock_fd = -1;
        const char *reason = NULL;
        bool ours;
        size_t size;
        int r;

        r = steprotation_lock(steps, &lock_fd);
        if (r < 0) {
                steps_failed(steps, "cannot change " ROTATION_FILE, statelock_reason(r));
                return;
        }
        ours = steps->backup_fd >= 0 &&
               !file_read_at(steps->backup_fd, STEPROTATION_COPY, ROTATION_SIZE_MAX, &copy, &size);
        r = steprotation_open(&file, &reason);
        /* an older pam_traffic wrote other words */
        if (r == -EPERM && ours && file.data && !strcmp(file.data, copy))
                r = 0;
        if (r == -ENOENT && ours && !steps->dry_run)
                (void)unlinkat(steps->backup_fd, STEPROTATION_COPY, 0);
        if (r == -ENOENT || (!ours && (r || !strcmp(steps->settings->log_file, PATH_LOG) ||
                                       !rotation_names(file.data, steps->settings->log_file))))
                return;
        if (r) {
                (void)printf("Left " ROTATION_FILE
                             ", because it was changed after pam_traffic enable; delete it if the "
                             "log is not to be rotated any more\n");
                return;
        }
        if (!steps->dry_run)
                r = steprotation_undo(steps, &file, ours);
        if (r < 0)
                steps_failed(steps, "cannot change " ROTATION_FILE, strerror(-r));
        else if (ours)
                steps_say(steps, "Removed", "Would remove", ROTATION_FILE);
        else
                steps_say(steps, "Changed", "Would change", ROTATION_FILE);
}
