/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The check that logins are recorded: it compares sshd's own log with the records.
 *
 * Owns: which logins must have a record: those since the last change of the PAM file, at most of
 * the last day, without the last seconds; not those from excluded networks, nor those without TCP.
 * Relies on: the ctime of the PAM file, which nobody can set back. After enable, disable and every
 * other change the check begins anew.
 */

#include "base/base.h"
#include "check.h"
#include "checkspool.h"
#include "cli/etc/pamline.h"
#include "cli/etc/pamstack.h"
#include "cli/shared/human.h"
#include "config.h"
#include "recorded.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CHECKLOGINS_DAY (86400 * CLOCK_SECOND)
/* a login waits 2 s for its record (open_timeout), which may be longer on a slow machine */
#define CHECKLOGINS_GRACE (5 * CLOCK_SECOND)
/* what waits in the spool is recorded by the next reap; the check `spool` looks at that */
#define CHECKLOGINS_GRACE_SPOOL (5 * 60 * CLOCK_SECOND)
#define CHECKLOGINS_NAMED 3
/* in the state folder: what was before its change, the admin has seen. The change of the PAM file
 * says for which logins a record is made up, and must not be touched for this */
#define CHECKLOGINS_SEEN "logins-seen"
#define CHECKLOGINS_PATH_MAX 512

static uint64_t checklogins_moment(const struct timespec *time) {
        return time->tv_sec < 0
                       ? 0
                       : (uint64_t)time->tv_sec * CLOCK_SECOND + (uint64_t)time->tv_nsec / 1000;
}

/* When a file was last changed; 0 where there is none. */
static uint64_t checklogins_changed(const char *path) {
        struct stat st;

        return stat(path, &st) < 0 ? 0 : checklogins_moment(&st.st_ctim);
}

/* Since when logins must have a record. Without the line that is so if `enable` had put one there,
 * of which it keeps a copy. Return: false if they need not have one. */
static bool checklogins_since(const struct check_context *context, uint64_t *ret_since) {
        _cleanup_(pamstack_freep) struct pamstack *stack = NULL;
        char path[CHECKLOGINS_PATH_MAX];
        uint64_t since = checklogins_changed(PAMSTACK_FOLDER "/" PAMLINE_SERVICE), other = 0, seen;

        if (!since || pamstack_read(PAMLINE_SERVICE, &stack) < 0)
                return false;
        for (size_t i = 0; !other && i < stack->n; i++)
                if (stack->rules[i].ours)
                        other = checklogins_changed(stack->rules[i].file);
        if (!other) {
                (void)snprintf(path, sizeof(path), "%s/backup/" PAMLINE_SERVICE,
                               context->settings->state_dir);
                other = checklogins_changed(path);
        }
        *ret_since = other > since ? other : since;
        (void)snprintf(path, sizeof(path), "%s/" CHECKLOGINS_SEEN, context->settings->state_dir);
        seen = checklogins_changed(path);
        if (seen > *ret_since)
                *ret_since = seen;
        return other;
}

/* Whether a login waits for a reap. */
static bool checklogins_spooled(void) {
        struct checkspool spool;

        return !checkspool_look(&spool) && spool.n;
}

/* Whether it must have a record; of what sshd only opened no address is known. */
static bool checklogins_counts(const struct check_context *context,
                               const struct evidence_login *login) {
        if (!login->accepted)
                return true;
        return login->remote.address.family != AF_UNSPEC &&
               !settings_excluded(context->settings, &login->remote.address);
}

/* Append to a text as far as there is room. */
static void checklogins_name(const struct evidence_login *login, bool first, char *text,
                             size_t room) {
        char address[ADDRESS_TEXT_MAX], when[HUMAN_TEXT_MAX];
        size_t size = strlen(text);

        human_time(login->time, when);
        if (login->remote.address.family == AF_UNSPEC) {
                (void)snprintf(text + size, room - size, "%s%.40s (sshd %d) at %s",
                               first ? "" : ", ", login->user, (int)login->pid, when);
                return;
        }
        address_format(&login->remote.address, address);
        (void)snprintf(text + size, room - size, "%s%.40s from %s port %u at %s", first ? "" : ", ",
                       login->user, address, login->remote.port, when);
}

static void checklogins_judge(const struct check_context *context, struct evidence *evidence,
                              struct check_result *result) {
        const char *rest = evidence->left_out
                                   ? "; older logins were not checked, because there are too many"
                                   : "";
        char since[HUMAN_TEXT_MAX], named[CHECK_TEXT_MAX / 2] = "";
        uint64_t first = UINT64_MAX;
        size_t n = 0, missing = 0;

        human_time(evidence->since, since);
        for (size_t i = 0; i < evidence->n; i++) {
                const struct evidence_login *login = &evidence->logins[i];

                if (!checklogins_counts(context, login))
                        continue;
                n++;
                if (login->recorded)
                        continue;
                if (missing++ < CHECKLOGINS_NAMED)
                        checklogins_name(login, missing == 1, named, sizeof(named));
                first = login->time < first ? login->time : first;
        }
        if (!n) {
                check_find(result, CHECK_SKIP,
                           "%s has no login since %s; log in, then run doctor again%s",
                           evidence->source, since, rest);
                return;
        }
        if (!missing) {
                check_find(result, evidence->left_out ? CHECK_WARN : CHECK_PASS,
                           "logins of %s since %s: %zu, all have a record%s", evidence->source,
                           since, n, rest);
                return;
        }
        check_find(result, evidence->trusted ? CHECK_FAIL : CHECK_WARN,
                   "%zu of %zu logins of %s since %s have no record%s: %s%s%s", missing, n,
                   evidence->source, since,
                   evidence->trusted ? "" : " (a local user may have forged such lines)", named,
                   missing > CHECKLOGINS_NAMED ? " ..." : "", rest);
        /* why, if it said so; and the check begins anew */
        if (evidence->trusted)
                check_mend(result,
                           "journalctl --no-pager --since=@%" PRIu64
                           " | grep -a pam_traffic; touch %s/" CHECKLOGINS_SEEN,
                           first / CLOCK_SECOND, context->settings->state_dir);
        else
                check_mend(result,
                           "grep -a pam_traffic %s | tail -n 20; touch %s/" CHECKLOGINS_SEEN,
                           evidence->source, context->settings->state_dir);
}

static void checklogins_look(const struct check_context *context, struct check_result *result) {
        _cleanup_(evidence_freep) struct evidence *evidence = NULL;
        uint64_t now = clock_now(CLOCK_REALTIME);
        struct evidence_span span = {
                .until =
                        now - (checklogins_spooled() ? CHECKLOGINS_GRACE_SPOOL : CHECKLOGINS_GRACE),
        };
        int r;

        if (check_needs_root(context, result))
                return;
        if (!checklogins_since(context, &span.since)) {
                check_find(result, CHECK_SKIP, "logins are not recorded yet: see the row pam-line");
                return;
        }
        if (span.since < now - CHECKLOGINS_DAY)
                span.since = now - CHECKLOGINS_DAY;
        r = evidence_read(&span, now, &evidence);
        if (!r && !evidence->source) {
                check_find(result, CHECK_SKIP, "cannot tell: %s", evidence->why);
                return;
        }
        if (!r)
                r = recorded_mark(context, evidence);
        if (r < 0)
                check_find(result, CHECK_SKIP, "cannot compare logins with the log: %s",
                           strerror(-r));
        else
                checklogins_judge(context, evidence, result);
}

static const struct check checklogins_checks[] = {
        { "logins", checklogins_look },
};

const struct check_room checklogins_room = CHECK_ROOM(checklogins_checks);
