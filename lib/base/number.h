/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Numbers, durations and sizes from text, range-checked.
 */

#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

int number_parse(const char *text, size_t size, unsigned int base, uint64_t maximum,
                 uint64_t *ret_number);
int duration_parse(const char *text, uint64_t *ret_microseconds);
int size_parse(const char *text, uint64_t *ret_bytes);

#endif
