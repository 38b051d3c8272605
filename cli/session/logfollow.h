/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * pam_traffic log --follow: each new record, one a line.
 */

#ifndef CLI_LOGFOLLOW_H
#define CLI_LOGFOLLOW_H

#include "filter.h"

#include <stdbool.h>

struct logfollow {
        const char *path;
        bool alone;                  /* not the files that were rotated before */
        const struct filter *filter; /* since_us 0: from now on */
        bool bytes;
        bool json;
        bool noheadings;
};

int logfollow_run(const struct logfollow *follow);

#endif
