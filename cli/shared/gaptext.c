/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A time in which logins were not recorded, or users not counted, in words.
 */

#include "gaptext.h"

#include "base/base.h"
#include "human.h"

#include <stdio.h>
#include <string.h>

#define GAPTEXT_HOST_MAX 80

static const char *gaptext_why(enum gap_cause cause, bool users) {
        static const char *const words[][2] = {
                [GAP_UNKNOWN] = { "it is not known why", "it is not known why" },
                [GAP_OFF] = { "pam_traffic was off", "the users' ledger was off" },
                [GAP_STOPPED] = { "the reap timer did not run", "the reap timer did not run" },
                [GAP_REBOOT] = { "the host was down", "the host was down" },
                [GAP_LOST] = { "something was lost", "its programs were not called, or its "
                                                     "accounts were lost" },
                [GAP_BEGIN] = { "the log begins then", "the records of users begin then" },
        };

        return words[cause][users];
}

/* How to begin, or to begin again. */
#define GAPTEXT_KEEP "; to count users, set users = yes and run pam_traffic_helper setup"

/* Before the log has anything. */
static void gaptext_begin(const struct gap *gap, const char *what, bool users,
                          char ret_text[static GAPTEXT_MAX]) {
        char end[HUMAN_TEXT_MAX];

        if (gap->end == UINT64_MAX) {
                (void)snprintf(ret_text, GAPTEXT_MAX, "%s: the users' ledger was never kept%s",
                               what, GAPTEXT_KEEP);
                return;
        }
        human_minute(gap->end, 0, end);
        (void)snprintf(ret_text, GAPTEXT_MAX, "%s: before %s, when the %s", what, end,
                       users ? "records of users begin" : "log begins");
}

/**
 * gaptext_make() - say when, how long and why something was not recorded, or not wholly
 * @gap:        the gap
 * @users:      of users, and not of logins
 * @ret_text:   "Not recorded: vm, 2026-11-21 02:00 to 2026-11-22 09:30 (1d07h): the host was down"
 */
void gaptext_make(const struct gap *gap, bool users, char ret_text[static GAPTEXT_MAX]) {
        char host[GAPTEXT_HOST_MAX], begin[HUMAN_TEXT_MAX], end[HUMAN_TEXT_MAX];
        char span[HUMAN_TEXT_MAX];
        /* without the timer, logins are recorded, but not each end and each delta */
        const char *what = users                       ? "Not counted"
                           : gap->cause == GAP_STOPPED ? "Not wholly recorded"
                                                       : "Not recorded";
        const char *why = gaptext_why(gap->cause, users);

        if (gap->cause == GAP_BEGIN) {
                gaptext_begin(gap, what, users, ret_text);
                return;
        }
        text_to_line(gap->host, host, sizeof(host));
        human_minute(gap->begin, 0, begin);
        if (gap->end == UINT64_MAX) {
                (void)snprintf(ret_text, GAPTEXT_MAX, "%s: %s, since %s: %s%s", what, host, begin,
                               why, users ? GAPTEXT_KEEP : "");
                return;
        }
        human_minute(gap->end, gap->begin, end);
        human_duration(gap->end - gap->begin, span);
        (void)snprintf(ret_text, GAPTEXT_MAX, "%s: %s, %s to %s (%s): %s", what, host, begin, end,
                       span, why);
}
