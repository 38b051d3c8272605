/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Clocks, in microseconds, and the text form of a moment in records.
 */

#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND UINT64_C(1000000)
#define CLOCK_TEXT_MAX 40

uint64_t clock_now(clockid_t clock);
void clock_sleep(uint64_t microseconds);
void clock_format(uint64_t realtime, char ret_text[static CLOCK_TEXT_MAX]);
int clock_parse(const char *text, uint64_t *ret_realtime);

#endif
