/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Records for programs: one JSON object a line, ASCII only.
 */

#ifndef CLI_JSONLINE_H
#define CLI_JSONLINE_H

#include "store/store.h"

#include <stdint.h>

int jsonline_print(const char *line);
int jsonline_print_open(const struct record *record, int64_t in_rate, int64_t out_rate);

#endif
