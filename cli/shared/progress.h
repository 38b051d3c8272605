/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How far a long reading is, as one line on standard error that is gone in the end.
 */

#ifndef CLI_SHARED_PROGRESS_H
#define CLI_SHARED_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
        uint64_t next; /* when to tell, CLOCK_MONOTONIC in microseconds; 0: nobody waits */
        bool shown;
};

void progress_begin(struct progress *progress);
void progress_tell(struct progress *progress, const char *what, uint64_t done, uint64_t all);
void progress_hide(struct progress *progress);

#endif
