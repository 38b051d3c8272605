/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks of the record log: who may read and write it, its lines, its rotation, the room for it,
 * and the clock that dates its records.
 *
 * Of a large log, only the last part is read.
 */

#include "check.h"
#include "cli/etc/rotation.h"
#include "cli/shared/human.h"
#include "cli/shared/program.h"
#include "config.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define CHECKLOG_PART (8 * 1024 * 1024)
#define CHECKLOG_PATH_MAX 512
#define CHECKLOG_AHEAD (60 * CLOCK_SECOND)
#define CHECKLOG_FREE_WARN (256 * UINT64_C(1048576))

static void checklog_missing(const char *path, struct check_result *result) {
        char copy[CHECKLOG_PATH_MAX];
        const char *folder;

        (void)snprintf(copy, sizeof(copy), "%s", path);
        folder = dirname(copy);
        if (!access(folder, F_OK)) {
                check_find(result, CHECK_PASS, "%s does not exist yet: no login was recorded",
                           path);
                return;
        }
        check_find(result, CHECK_FAIL, "%s cannot be made: there is no folder %s", path, folder);
        check_mend(result, "mkdir -p %s", folder);
}

static void checklog_file(const struct check_context *context, struct check_result *result) {
        const char *path = context->settings->log_file;
        struct stat st;

        if (lstat(path, &st) < 0 && errno == ENOENT) {
                checklog_missing(path, result);
        } else if (lstat(path, &st) < 0) {
                check_find(result, CHECK_SKIP, "%s: %s", path, strerror(errno));
        } else if (!S_ISREG(st.st_mode)) {
                check_find(result, CHECK_FAIL, "%s is not a regular file: nothing can be recorded",
                           path);
                check_mend(result, "mv %s %s.aside", path, path);
        } else if (st.st_uid || (st.st_mode & 022)) {
                check_find(result, CHECK_FAIL, "users other than root can write to %s (mode %o)",
                           path, st.st_mode & 07777);
                check_mend(result, "chown root %s && chmod 640 %s", path, path);
        } else if (st.st_mode & 04) {
                check_find(result, CHECK_WARN, "all users can read %s (mode %o)", path,
                           st.st_mode & 07777);
                check_mend(result, "chmod 640 %s", path);
        } else if (context->root && access(path, W_OK) < 0) {
                check_find(result, CHECK_FAIL, "%s cannot be written: %s", path,
                           errno == EPERM ? "it is immutable" : strerror(errno));
                /* chattr(1), +i; a read-only file system */
                if (errno == EPERM)
                        check_mend(result, "chattr -i %s", path);
                else if (errno == EROFS)
                        check_mend(result, "mount -o remount,rw \"$(findmnt -nfo TARGET -T %s)\"",
                                   path);
        } else {
                check_find(result, CHECK_PASS, "%s", path);
        }
}

/* What a walk through the log saw. */
struct checklog_walk {
        uint64_t bad, bad_offset, bad_number;
        bool has_line; /* whether the number is known */
        uint64_t last; /* when the last record was made, CLOCK_REALTIME; 0: there is none */
};

static int checklog_next(struct logreader *reader, struct checklog_walk *walk, bool skip) {
        struct logreader_line line;
        uint64_t time;
        int r = logreader_next(reader, &line);

        if (r)
                return r;
        if (!line.record && !skip && !walk->bad++) {
                walk->bad_offset = line.offset;
                walk->bad_number = line.number;
        }
        if (line.record && line.record->time && clock_parse(line.record->time, &time) >= 0)
                walk->last = time;
        return 0;
}

/* Return: 0, or a negative errno. */
static int checklog_walk(const struct check_context *context, struct checklog_walk *ret_walk) {
        _cleanup_(logreader_freep) struct logreader *reader = NULL;
        _cleanup_(fd_closep) int fd = -1;
        struct checklog_walk walk = { .has_line = true };
        struct logreader_place place = { 0 };
        struct stat st;
        bool skip;
        int r;

        fd = open(context->settings->log_file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        skip = st.st_size > CHECKLOG_PART;
        if (skip) {
                place.offset = (uint64_t)st.st_size - CHECKLOG_PART;
                walk.has_line = false;
        }
        r = logreader_new(fd, &place, &reader);
        for (; !r; skip = false) /* the first line of a part is not whole */
                r = checklog_next(reader, &walk, skip);
        if (r < 0)
                return r;
        *ret_walk = walk;
        return 0;
}

static bool checklog_cannot(int r, struct check_result *result) {
        if (r == -ENOENT)
                check_find(result, CHECK_SKIP, "there is no log yet");
        else if (r < 0)
                check_find(result, CHECK_SKIP, "cannot read the log: %s%s", strerror(-r),
                           r == -EACCES ? "; run it as root or as a member of group " LOG_GROUP
                                        : "");
        return r < 0;
}

static void checklog_records(const struct check_context *context, struct check_result *result) {
        struct checklog_walk walk = { .last = 0 };

        if (checklog_cannot(checklog_walk(context, &walk), result))
                return;
        if (!walk.bad) {
                check_find(result, CHECK_PASS, "every line%s is a record",
                           walk.has_line ? "" : " of the last 8M");
                return;
        }
        check_find(
                result, CHECK_WARN,
                "lines that are not records: %" PRIu64 ", the first %s %" PRIu64
                "; they are passed over, and go with their file when it is rotated away: nothing "
                "is to be done",
                walk.bad, walk.has_line ? "is line" : "begins at byte",
                walk.has_line ? walk.bad_number : walk.bad_offset);
}

/* What has the clock set, if there is something to set it. */
static void checklog_mend_clock(struct check_result *result) {
        static const char *const argv[] = {
                "timedatectl", "show", "-p", "CanNTP", "-p", "NTP", NULL
        };
        _cleanup_(program_answer_clear) struct program_answer answer = { .status = 0 };
        const char *told =
                program_run(argv, PROGRAM_PATIENCE, &answer) || answer.status ? "" : answer.text;

        if (strstr(told, "\nNTP=yes") || !strncmp(told, "NTP=yes", 7))
                check_add(result, "; its NTP client runs, but has not reached a server yet: see "
                                  "timedatectl timesync-status");
        else if (!strstr(told, "CanNTP=no"))
                check_mend(result, "timedatectl set-ntp true");
        else if (check_has_apt())
                check_mend(result, "apt-get install systemd-timesyncd");
        else
                check_mend(result, "dnf install chrony && systemctl enable --now chronyd");
}

static void checklog_clock(const struct check_context *context, struct check_result *result) {
        static const char *const argv[] = { "timedatectl",     "show", "--value", "-p",
                                            "NTPSynchronized", NULL };
        _cleanup_(program_answer_clear) struct program_answer answer = { .status = 0 };
        struct checklog_walk walk = { .last = 0 };
        uint64_t now = clock_now(CLOCK_REALTIME);
        char text[HUMAN_TEXT_MAX];

        (void)checklog_walk(context, &walk);
        if (walk.last > now + CHECKLOG_AHEAD) {
                human_time(walk.last, text);
                check_find(
                        result, CHECK_WARN,
                        "the time of the last record, %s, is in the future: the clock was wrong, "
                        "or is wrong now",
                        text);
                if (context->systemd)
                        checklog_mend_clock(result);
                else
                        check_add(result, "; if date shows a wrong time, set it (date -s)");
        } else if (!context->systemd) {
                check_find(result, CHECK_PASS, "the time of the last record is not in the future");
        } else if (program_run(argv, PROGRAM_PATIENCE, &answer) || answer.status) {
                check_find(result, CHECK_SKIP,
                           "timedatectl does not say whether the clock is synchronised");
        } else if (!strcmp(program_first_line(&answer), "yes")) {
                check_find(result, CHECK_PASS, "the clock is synchronised");
        } else {
                check_find(result, CHECK_WARN,
                           "the clock is not synchronised: the times of records and the days of "
                           "reports may be wrong");
                checklog_mend_clock(result);
        }
}

/* Whether the file that `enable` would write is there, and is the admin's. */
static bool checklog_rotation_edited(void) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        int r = file_read_at(AT_FDCWD, ROTATION_FILE, ROTATION_SIZE_MAX, &text, &size);

        return r ? r != -ENOENT : !rotation_is_made(text);
}

static void checklog_rotation(const struct check_context *context, struct check_result *result) {
        const char *log = context->settings->log_file;
        char path[ROTATION_PATH_MAX];
        int r = rotation_find(log, path);

        if (!r) {
                check_find(result, CHECK_PASS, "%s", path);
        } else if (r < 0) {
                check_find(result, CHECK_SKIP, "cannot read the files of logrotate: %s",
                           strerror(-r));
        } else if (access(PATH_LOGROTATE, F_OK) < 0) {
                check_find(result, CHECK_WARN,
                           "logrotate is not installed, so %s grows without limit", log);
                check_mend(result, "%s install logrotate && pam_traffic enable%s",
                           check_has_apt() ? "apt-get" : "dnf", context->option);
        } else if (checklog_rotation_edited()) {
                check_find(result, CHECK_WARN,
                           ROTATION_FILE " was edited, and does not name %s, which grows without "
                                         "limit",
                           log);
                /* it becomes one more path of the first block */
                check_mend(result,
                           "sed -i --follow-symlinks '0,/^[^#]*{/{/^[^#]*{/s|[ \t]*{| %s "
                           "{|}' " ROTATION_FILE,
                           log);
        } else {
                check_find(result, CHECK_WARN,
                           "no file of logrotate names %s, so it grows without limit", log);
                check_mend(result, "pam_traffic enable%s", context->option);
        }
}

static void checklog_space(const struct check_context *context, struct check_result *result) {
        char folder[CHECKLOG_PATH_MAX], text[HUMAN_TEXT_MAX];
        struct statvfs fs;
        uint64_t left;

        (void)snprintf(folder, sizeof(folder), "%s", context->settings->log_file);
        if (statvfs(dirname(folder), &fs) < 0) {
                check_find(result, CHECK_SKIP,
                           "cannot find out how much room is left for the log: %s",
                           strerror(errno));
                return;
        }
        left = (uint64_t)fs.f_bavail * fs.f_frsize;
        human_bytes(left, text);
        if (fs.f_files && !fs.f_ffree)
                check_find(result, CHECK_FAIL,
                           "%s left for the log, but no new file can be made: there are no free "
                           "inodes",
                           text);
        else if (context->root && !check_has_room(folder))
                check_find(result, CHECK_FAIL,
                           "the file system of %s is full: records wait, and the next logins may "
                           "have none",
                           folder);
        else
                /* root's reserve is there, too: the helper is root */
                check_find(result, left < CHECKLOG_FREE_WARN ? CHECK_WARN : CHECK_PASS,
                           "%s left for the log%s", text, left ? "" : ", and what root may use");
        if (result->status != CHECK_PASS)
                check_shows_room(result, folder);
}

static const struct check checklog_checks[] = {
        { "log", checklog_file },        { "rotation", checklog_rotation },
        { "records", checklog_records }, { "disk-space", checklog_space },
        { "clock", checklog_clock },
};

const struct check_room checklog_room = CHECK_ROOM(checklog_checks);
