/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Numbers of bytes from text, range-checked.
 */

#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include <stdint.h>

int size_parse(const char *text, uint64_t *ret_bytes);

#endif
