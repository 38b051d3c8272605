/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Numbers from text.
 *
 * Owns: the one place where digits become a number. No sign, no white space, no locale.
 */

#include "base/number.h"

#include <errno.h>

static unsigned int number_digit(char c) {
        if (c >= '0' && c <= '9')
                return (unsigned int)(c - '0');
        if (c >= 'a' && c <= 'f')
                return (unsigned int)(c - 'a') + 10;
        if (c >= 'A' && c <= 'F')
                return (unsigned int)(c - 'A') + 10;
        return 16;
}

/**
 * number_parse() - read an unsigned number that fills a span
 * @text:       the span, which needs no NUL
 * @size:       its bytes; all of them must be digits
 * @base:       10 or 16
 * @maximum:    the largest number allowed
 * @ret_number: the number
 *
 * Return: 0, -EINVAL if the span is not a number, -ERANGE if the number is above @maximum.
 */
int number_parse(const char *text, size_t size, unsigned int base, uint64_t maximum,
                 uint64_t *ret_number) {
        uint64_t number = 0;

        if (!size)
                return -EINVAL;

        for (size_t i = 0; i < size; i++)
                if (number_digit(text[i]) >= base)
                        return -EINVAL;

        for (size_t i = 0; i < size; i++) {
                unsigned int digit = number_digit(text[i]);

                if (digit > maximum || number > (maximum - digit) / base)
                        return -ERANGE;
                number = number * base + digit;
        }

        *ret_number = number;
        return 0;
}
