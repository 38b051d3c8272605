/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A time in which logins were not recorded, in words.
 */

#include "gaptext.h"

#include "base/base.h"
#include "human.h"

#include <stdio.h>
#include <string.h>

#define GAPTEXT_HOST_MAX 80

/**
 * gaptext_why() - say why there is a gap
 * @cause:      the cause
 *
 * Return: a clause.
 */
const char *gaptext_why(enum gap_cause cause) {
        static const char *const words[] = {
                [GAP_UNKNOWN] = "it is not known why",        [GAP_OFF] = "pam_traffic was off",
                [GAP_STOPPED] = "the reap timer did not run", [GAP_REBOOT] = "the host was down",
                [GAP_BEGIN] = "the log begins then",
        };

        return words[cause];
}

/**
 * gaptext_make() - say when, how long and why logins were not recorded, or not wholly
 * @gap:        the gap
 * @ret_text:   "Not recorded: vm, 2026-11-21 02:00 to 2026-11-22 09:30 (1d07h): the host was down"
 */
void gaptext_make(const struct gap *gap, char ret_text[static GAPTEXT_MAX]) {
        char host[GAPTEXT_HOST_MAX], begin[HUMAN_TEXT_MAX], end[HUMAN_TEXT_MAX];
        char span[HUMAN_TEXT_MAX];
        /* without the timer, logins are recorded, but not each end and each delta */
        const char *what = gap->cause == GAP_STOPPED ? "Not wholly recorded" : "Not recorded";

        text_to_line(gap->host, host, sizeof(host));
        human_minute(gap->begin, 0, begin);
        if (gap->cause == GAP_BEGIN) {
                human_minute(gap->end, 0, end);
                (void)snprintf(ret_text, GAPTEXT_MAX, "%s: before %s, when the log begins", what,
                               end);
                return;
        }
        if (gap->end == UINT64_MAX) {
                (void)snprintf(ret_text, GAPTEXT_MAX, "%s: %s, since %s: %s", what, host, begin,
                               gaptext_why(gap->cause));
                return;
        }
        human_minute(gap->end, gap->begin, end);
        human_duration(gap->end - gap->begin, span);
        (void)snprintf(ret_text, GAPTEXT_MAX, "%s: %s, %s to %s (%s): %s", what, host, begin, end,
                       span, gaptext_why(gap->cause));
}
