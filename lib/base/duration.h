/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Spans of time from text, range-checked.
 */

#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <stdint.h>

int duration_parse(const char *text, uint64_t *ret_microseconds);

#endif
