/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How far a long reading is.
 *
 * Owns: that nothing is told in the first second, nor where standard error is no terminal, and that
 * the line is told four times a second at most.
 */

#include "progress.h"

#include "base/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/**
 * progress_begin() - something begins that may take long
 * @progress:   to be given to progress_hide() at its end
 */
void progress_begin(struct progress *progress) {
        *progress = (struct progress){ 0 };
        if (isatty(STDERR_FILENO))
                progress->next = clock_now(CLOCK_MONOTONIC) + CLOCK_SECOND;
}

/**
 * progress_tell() - tell how far it is
 * @progress:   the reading
 * @what:       is read
 * @done:       so much of it
 * @all:        how much there is; 0: nobody knows
 */
void progress_tell(struct progress *progress, const char *what, uint64_t done, uint64_t all) {
        uint64_t now;

        if (!progress->next)
                return;
        now = clock_now(CLOCK_MONOTONIC);
        if (now < progress->next)
                return;
        (void)fprintf(stderr, "\rpam_traffic: reading %s: %" PRIu64 "%s\033[K", what,
                      !all         ? done
                      : done < all ? (uint64_t)((double)done * 100 / (double)all)
                                   : 100,
                      all ? " %" : "");
        progress->next = now + CLOCK_SECOND / 4;
        progress->shown = true;
}

/**
 * progress_hide() - take the line away, before another one or at the end
 * @progress:   the reading
 */
void progress_hide(struct progress *progress) {
        if (progress->shown)
                (void)fprintf(stderr, "\r\033[K");
        progress->shown = false;
}
