/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Session ids: UUID version 7, RFC 9562 section 5.7, in their 36-character text form.
 */

#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT_MAX 37

int uuid_new(uint64_t realtime, char ret_text[static UUID_TEXT_MAX]);
bool uuid_valid(const char *text);
int uuid_time(const char *text, uint64_t *ret_realtime);
void uuid_text(const uint64_t number[static 2], char ret_text[static UUID_TEXT_MAX]);
void uuid_number(const char *text, uint64_t ret_number[static 2]);

#endif
