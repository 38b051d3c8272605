/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Numbers of bytes from text.
 *
 * Owns: the units in which a person gives one.
 */

#include "base/size.h"

#include "base/number.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/**
 * size_parse() - read a number of bytes such as "10G", "500M", "4096"
 * @text:       one whole number and a unit, K to E, of 1024; "GiB" is "G"
 * @ret_bytes:  the bytes
 *
 * Return: 0, -EINVAL if it is not a size, -ERANGE if it is too large.
 */
int size_parse(const char *text, uint64_t *ret_bytes) {
        static const char units[] = "KMGTPE";
        size_t digits = strspn(text, "0123456789");
        const char *unit = text + digits, *found = NULL;
        unsigned int shift = 0;
        uint64_t number;
        int r;

        if (*unit) {
                found = strchr(units, *unit >= 'a' && *unit <= 'z' ? *unit - 'a' + 'A' : *unit);
                if (!found || (unit[1] && strcmp(unit + 1, "iB") != 0))
                        return -EINVAL;
                shift = 10 * (unsigned int)(found - units + 1);
        }
        r = number_parse(text, digits, 10, UINT64_MAX >> shift, &number);
        if (r < 0)
                return r;
        *ret_bytes = number << shift;
        return 0;
}
