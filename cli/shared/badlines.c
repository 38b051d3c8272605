/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The lines of a log that are no records.
 *
 * Owns: that the first ones are named one by one, and then their number.
 */

#include "badlines.h"

#include <inttypes.h>
#include <stdio.h>

#define BADLINES_NAMED_MAX 10

/**
 * badlines_name() - name a line, unless there were many before it
 * @n:          how many there were; grows by 1
 * @path:       the log
 * @line:       the line
 */
void badlines_name(uint64_t *n, const char *path, const struct logreader_line *line) {
        if (++*n <= BADLINES_NAMED_MAX)
                (void)fprintf(stderr, "%s:%" PRIu64 ": skipped: %s\n", path, line->number,
                              line->finding);
}

/**
 * badlines_sum() - tell how many lines there were, if there were any
 * @n:          how many
 * @path:       the log
 */
void badlines_sum(uint64_t n, const char *path) {
        if (n == 1)
                (void)fprintf(stderr, "1 line of %s is not a record and was skipped\n", path);
        else if (n > BADLINES_NAMED_MAX)
                (void)fprintf(stderr,
                              "%" PRIu64 " lines of %s are not records and were skipped; %" PRIu64
                              " of them are not named here\n",
                              n, path, n - BADLINES_NAMED_MAX);
        else if (n)
                (void)fprintf(stderr, "%" PRIu64 " lines of %s are not records and were skipped\n",
                              n, path);
}
