/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What `enable` and `disable` do about the rotation of the log.
 *
 * Owns: whose the file of logrotate is. One that `enable` wrote has a copy in the folder `backup`;
 * one that a package brought has none. Either is renewed, or goes, only if nobody has edited it;
 * for which log it was made does not matter.
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

/* The file is there, for another log. What a package brought gets no copy. */
static int steprotation_renew(const struct steps *steps, const struct etcfile *file,
                              const char *text) {
        size_t size = strlen(text);
        int r = 0;

        if (!faccessat(steps->backup_fd, STEPROTATION_COPY, F_OK, AT_SYMLINK_NOFOLLOW))
                r = file_replace_at(steps->backup_fd, STEPROTATION_COPY, text, size, true);
        return r < 0 ? r : etcfile_replace(file, text, size);
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
        r = rotation_text(log, &text);
        if (!r)
                r = steprotation_open(&file, &reason);
        if (!steps->dry_run && (!r || r == -ENOENT))
                r = r ? steprotation_write(steps, text) : steprotation_renew(steps, &file, text);
        if (!r || r == -ENOENT) {
                steps_say(steps, "Wrote", "Would write", ROTATION_FILE);
                return;
        }
        (void)snprintf(why, sizeof(why), "%s%s%s%s", reason ? reason : strerror(-r),
                       reason ? "; add " : "", reason ? log : "",
                       reason ? " to the paths in it" : "");
        steps_failed(steps, "cannot write " ROTATION_FILE, why);
}

/* Take away what steprotation_add() wrote, or make it as the package brought it. */
static int steprotation_undo(const struct steps *steps, const struct etcfile *file, bool ours) {
        _cleanup_(freep) char *text = NULL;
        int r;

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
        const char *reason = NULL;
        bool ours;
        size_t size;
        int r;

        ours = steps->backup_fd >= 0 &&
               !file_read_at(steps->backup_fd, STEPROTATION_COPY, ROTATION_SIZE_MAX, &copy, &size);
        r = steprotation_open(&file, &reason);
        /* an older pam_traffic wrote other words */
        if (r == -EPERM && ours && file.data && !strcmp(file.data, copy))
                r = 0;
        if (r == -ENOENT && ours && !steps->dry_run)
                (void)unlinkat(steps->backup_fd, STEPROTATION_COPY, 0);
        if (r == -ENOENT || (!ours && (r || rotation_names(file.data, PATH_LOG))))
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
