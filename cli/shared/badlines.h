/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The lines of a log that are no records, as the admin is told of them.
 */

#ifndef CLI_SHARED_BADLINES_H
#define CLI_SHARED_BADLINES_H

#include "store/store.h"

#include <stdint.h>

void badlines_name(uint64_t *n, const char *path, const struct logreader_line *line);
void badlines_sum(uint64_t n, const char *path);

#endif
