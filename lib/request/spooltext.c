/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A request as the target of a symbolic link. NUL bytes become newlines. A newline or a percent
 * sign of the request becomes a percent sign and two hexadecimal digits.
 */

#include "request/spooltext.h"

#include "base/number.h"

#include <errno.h>
#include <string.h>

/**
 * spooltext_encode() - make a text of a request
 * @data:       the request
 * @size:       its bytes
 * @text:       the text, with a zero at its end
 * @room:       bytes there
 *
 * Return: 0, or -E2BIG.
 */
int spooltext_encode(const char *data, size_t size, char *text, size_t room) {
        size_t n = 0;

        for (size_t i = 0; i < size; i++) {
                const char *put = data[i] == '\n' ? "%0A" : "%25";
                size_t length = data[i] == '\n' || data[i] == '%' ? 3 : 1;

                if (n + length >= room)
                        return -E2BIG;
                if (length == 3)
                        memcpy(text + n, put, length);
                else
                        text[n] = data[i] ? data[i] : '\n';
                n += length;
        }
        text[n] = '\0';
        return 0;
}

/**
 * spooltext_decode() - make a request of a text
 * @text:       the text, hostile
 * @data:       the request
 * @room:       bytes there
 * @ret_size:   how many it has
 *
 * Return: 0, -EINVAL, or -E2BIG.
 */
int spooltext_decode(const char *text, char *data, size_t room, size_t *ret_size) {
        size_t n = 0;

        for (const char *at = text; *at; at++) {
                uint64_t byte;

                if (n == room)
                        return -E2BIG;
                if (*at != '%') {
                        data[n++] = *at == '\n' ? '\0' : *at;
                        continue;
                }
                if (strnlen(at, 3) < 3 || number_parse(at + 1, 2, 16, UINT8_MAX, &byte) < 0)
                        return -EINVAL;
                data[n++] = (char)byte;
                at += 2;
        }
        *ret_size = n;
        return 0;
}
