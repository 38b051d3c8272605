/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Checks of the state folder and of the sessions in it.
 */

#include "base/base.h"
#include "check.h"
#include "checkspool.h"
#include "cli/shared/human.h"
#include "config.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* reap comes every minute, and waits 10 s for a close that is on its way */
#define CHECKSTATE_OVER (5 * 60 * CLOCK_SECOND)
#define CHECKSTATE_ASIDE ".json.damaged"

static bool checkstate_ends(const char *name, const char *end) {
        size_t size = strlen(name), end_size = strlen(end);

        return size > end_size && !strcmp(name + size - end_size, end);
}

/* How many files of a folder end so; -1 if it cannot be read. Owns @fd. */
static long checkstate_count(int fd, const char *end) {
        DIR *folder = fd < 0 ? NULL : fdopendir(fd);
        const struct dirent *entry;
        long n = 0;

        if (!folder) {
                (void)fd_close(fd);
                return -1;
        }
        while ((entry = readdir(folder)))
                n += checkstate_ends(entry->d_name, end);
        (void)closedir(folder);
        return n;
}

/* How many files were set aside, of the first kind that has any; -1 if there are no sessions. */
static long checkstate_count_aside(int folder_fd, const char **ret_kind) {
        static const char *const kinds[] = { "sessions", "ports", "users" };
        long n = 0;

        for (size_t i = 0; n <= 0 && i < sizeof(kinds) / sizeof(*kinds); i++) {
                *ret_kind = kinds[i];
                n = checkstate_count(openat(folder_fd, kinds[i],
                                            O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW),
                                     CHECKSTATE_ASIDE);
                if (n < 0 && !i)
                        return n;
        }
        return n > 0 ? n : 0;
}

/* How many sessions had no room in the state folder. */
static long checkstate_count_overflow(int folder_fd) {
        int fd;

        return overflow_open(folder_fd, "sessions", false, &fd) ? 0 : checkstate_count(fd, ".json");
}

static void checkstate_folder(const struct check_context *context, struct check_result *result) {
        const char *path = context->settings->state_dir, *kind;
        _cleanup_(fd_closep) int fd = -1;
        struct stat st;
        long aside, overflow;

        if (lstat(path, &st) < 0) {
                check_find(result, errno == EACCES ? CHECK_SKIP : CHECK_FAIL, "%s: %s", path,
                           strerror(errno));
                if (result->status == CHECK_FAIL)
                        check_helper(context, result, "setup");
                return;
        }
        if (!S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode)) {
                check_find(result, CHECK_FAIL, "%s is not a folder", path);
                check_mend(result, "mv %s %s.aside && " PATH_HELPER " setup%s", path, path,
                           context->option);
                return;
        }
        if (st.st_uid || (!S_ISLNK(st.st_mode) && (st.st_mode & 077))) {
                check_find(result, CHECK_FAIL, "users other than root can use %s (mode %o)", path,
                           st.st_mode & 07777);
                check_mend(result, "chown root:root %s && chmod 700 %s", path, path);
                return;
        }
        if (check_needs_root(context, result))
                return;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        aside = fd < 0 ? -1 : checkstate_count_aside(fd, &kind);
        overflow = fd < 0 ? 0 : checkstate_count_overflow(fd);
        if (aside < 0) {
                check_find(result, CHECK_FAIL, "%s/sessions: %s", path, strerror(errno));
                check_helper(context, result, "setup");
        } else if (overflow > 0) {
                check_find(result, CHECK_WARN,
                           "the file system of %s is full, or was full: sessions that are kept "
                           "in " PATH_RUN ", and are lost if the machine goes down: %ld",
                           path, overflow);
                if (check_has_room(path))
                        check_helper(context, result, "reap");
                else
                        check_shows_room(result, path);
        } else if (aside) {
                check_find(result, CHECK_WARN,
                           "damaged state files that were set aside in %s/%s: %ld; you may "
                           "delete them after you have looked at them",
                           path, kind, aside);
                check_mend(result, "rm %s/%s/*" CHECKSTATE_ASIDE, path, kind);
        } else {
                check_find(result, CHECK_PASS, "%s", path);
        }
}

static void checkstate_sessions(const struct check_context *context, struct check_result *result) {
        const struct live *live = context->live;
        char over[HUMAN_TEXT_MAX];

        if (check_needs_root(context, result))
                return;
        if (!live) {
                check_find(result, CHECK_SKIP, "cannot read the open sessions: %s",
                           strerror(context->live_error));
                return;
        }
        human_duration(live->over_longest, over);
        if (live->n_damaged)
                check_find(result, CHECK_FAIL,
                           "damaged state files: %zu, one of them of session %s", live->n_damaged,
                           live->damaged);
        else if (live->n_before)
                check_find(result, CHECK_FAIL,
                           "sessions from before the last boot, without a stop record: %zu",
                           live->n_before);
        else if (live->n_over && live->over_longest > CHECKSTATE_OVER)
                check_find(
                        result, CHECK_FAIL,
                        "sessions that have ended, without a stop record: %zu, one of them for %s",
                        live->n_over, over);
        else
                check_find(result, CHECK_PASS, "%zu open%s", live->n,
                           live->n_over ? ", and others that have just ended" : "");
        if (result->status == CHECK_FAIL)
                check_helper(context, result, "reap");
}

static void checkstate_spool(const struct check_context *context, struct check_result *result) {
        struct checkspool spool;
        time_t now = (time_t)(clock_now(CLOCK_REALTIME) / CLOCK_SECOND);
        char since[HUMAN_TEXT_MAX];
        int r;

        if (check_needs_root(context, result))
                return;
        r = checkspool_look(&spool);
        if (r < 0) {
                check_find(result, CHECK_FAIL, "%s: %s", spool.path, strerror(-r));
                return;
        }
        if (spool.n && now - spool.oldest > (time_t)(CHECKSTATE_OVER / CLOCK_SECOND)) {
                human_duration((uint64_t)(now - spool.oldest) * CLOCK_SECOND, since);
                check_find(result, CHECK_FAIL,
                           "logins that wait in %s to be recorded by pam_traffic_helper reap: %ld, "
                           "one of them for %s",
                           spool.path, spool.n, since);
                check_helper(context, result, "reap");
                return;
        }
        check_find(result, CHECK_PASS, "no login waits to be recorded%s",
                   spool.n ? ", except logins of the last minutes" : "");
}

static const struct check checkstate_checks[] = {
        { "state-folder", checkstate_folder },
        { "spool", checkstate_spool },
        { "sessions", checkstate_sessions },
};

const struct check_room checkstate_room = CHECK_ROOM(checkstate_checks);
