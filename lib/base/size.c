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

#define SIZE_DIGITS_MAX 6 /* behind the point */

__extension__ typedef unsigned __int128 size_product;

/* What a unit stands for: M and MiB are of 1024, MB of 1000, as in coreutils. Return: 0: it is
 * none.
 */
static uint64_t size_unit(const char *unit) {
        static const char units[] = "KMGTPE";
        uint64_t step, bytes = 1;
        const char *found;

        if (!*unit)
                return 1;
        found = strchr(units, *unit >= 'a' && *unit <= 'z' ? *unit - 'a' + 'A' : *unit);
        if (!found)
                return 0;
        if (!unit[1] || !strcmp(unit + 1, "iB"))
                step = 1024;
        else if (!strcmp(unit + 1, "B"))
                step = 1000;
        else
                return 0;
        for (const char *at = units; at <= found; at++)
                bytes *= step;
        return bytes;
}

/* The part behind the point, of a unit; rounded down. */
static int size_fraction(const char *digits, size_t n, uint64_t unit, uint64_t *ret_bytes) {
        uint64_t number, whole = 1;

        if (!n || n > SIZE_DIGITS_MAX || unit == 1 ||
            number_parse(digits, n, 10, UINT64_MAX, &number))
                return -EINVAL;
        for (size_t i = 0; i < n; i++)
                whole *= 10;
        *ret_bytes = (uint64_t)((size_product)number * unit / whole);
        return 0;
}

/**
 * size_parse() - read a number of bytes such as "10G", "1.5M", "500MB", "4096"
 * @text:       one number, and a unit: K to E or KiB to EiB of 1024, KB to EB of 1000
 * @ret_bytes:  the bytes
 *
 * Return: 0, -EINVAL if it is not a size, -ERANGE if it is too large.
 */
int size_parse(const char *text, uint64_t *ret_bytes) {
        size_t digits = strspn(text, "0123456789"), more = 0;
        const char *rest = text + digits;
        uint64_t number, unit, fraction = 0;
        int r = 0;

        if (*rest == '.')
                more = 1 + strspn(rest + 1, "0123456789");
        unit = size_unit(rest + more);
        if (!unit)
                return -EINVAL;
        if (more)
                r = size_fraction(rest + 1, more - 1, unit, &fraction);
        if (!r)
                r = number_parse(text, digits, 10, UINT64_MAX / unit, &number);
        if (r < 0)
                return r;
        number *= unit;
        if (fraction > UINT64_MAX - number)
                return -ERANGE;
        *ret_bytes = number + fraction;
        return 0;
}
