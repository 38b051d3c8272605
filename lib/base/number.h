/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Numbers from text, range-checked.
 */

#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* A sum that is too large for its type is the largest number instead. */
static inline uint64_t number_add(uint64_t a, uint64_t b) {
        uint64_t sum;

        return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

int number_parse(const char *text, size_t size, unsigned int base, uint64_t maximum,
                 uint64_t *ret_number);

#endif
