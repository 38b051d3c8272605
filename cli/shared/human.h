/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Numbers and moments for people.
 */

#ifndef CLI_HUMAN_H
#define CLI_HUMAN_H

#include <stdint.h>

#define HUMAN_TEXT_MAX 32

void human_bytes(uint64_t bytes, char ret_text[static HUMAN_TEXT_MAX]);
void human_duration(uint64_t microseconds, char ret_text[static HUMAN_TEXT_MAX]);
void human_minute(uint64_t realtime, uint64_t since, char ret_text[static HUMAN_TEXT_MAX]);
void human_time(uint64_t realtime, char ret_text[static HUMAN_TEXT_MAX]);

#endif
