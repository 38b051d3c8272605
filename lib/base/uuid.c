/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Session ids, UUID version 7.
 *
 * Relies on: RFC 9562 section 5.7 (48 bits of milliseconds, then random bits); getrandom(2).
 */

#include "base/uuid.h"

#include "base/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/**
 * uuid_new() - make a session id
 * @realtime:   now, in microseconds of CLOCK_REALTIME
 * @ret_text:   the id, lower case
 *
 * Never waits for entropy: a login must not.
 *
 * Return: 0, or a negative errno of getrandom(2).
 */
int uuid_new(uint64_t realtime, char ret_text[static UUID_TEXT_MAX]) {
        uint64_t milliseconds = realtime / 1000;
        uint8_t b[16];
        ssize_t n;

        n = getrandom(b, sizeof(b), GRND_NONBLOCK);
        if (n < 0)
                return -errno;
        if ((size_t)n != sizeof(b))
                return -EAGAIN;

        for (int i = 0; i < 6; i++)
                b[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
        b[6] = (uint8_t)((b[6] & 0x0f) | 0x70); /* version 7 */
        b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); /* variant of RFC 9562 */

        (void)snprintf(ret_text, UUID_TEXT_MAX,
                       "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
                       b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
                       b[13], b[14], b[15]);
        return 0;
}

/**
 * uuid_valid() - tell whether a text is a session id
 * @text:       hostile text, which may become part of a file name if this says yes
 *
 * Return: true for 36 characters, lower case hex and four dashes where they belong.
 */
bool uuid_valid(const char *text) {
        if (strlen(text) != UUID_TEXT_MAX - 1)
                return false;

        for (int i = 0; i < UUID_TEXT_MAX - 1; i++) {
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;

                if (dash != (text[i] == '-'))
                        return false;
                if (!dash && !strchr("0123456789abcdef", text[i]))
                        return false;
        }
        return true;
}

/**
 * uuid_time() - tell when an id was made
 * @text:               the id, hostile
 * @ret_realtime:       microseconds of CLOCK_REALTIME, of which only the milliseconds are known
 *
 * Return: 0, or -EINVAL if it is none, or of another version, which has no time.
 */
int uuid_time(const char *text, uint64_t *ret_realtime) {
        uint64_t high, low;

        if (!uuid_valid(text) || text[14] != '7' || number_parse(text, 8, 16, UINT32_MAX, &high) ||
            number_parse(text + 9, 4, 16, UINT16_MAX, &low))
                return -EINVAL;
        *ret_realtime = (high << 16 | low) * 1000;
        return 0;
}

/**
 * uuid_number() - make two numbers of an id, in the order of the texts
 * @text:               the id, which uuid_valid() found good
 * @ret_number:         its halves, the higher one first
 */
void uuid_number(const char *text, uint64_t ret_number[static 2]) {
        size_t digits = 0;

        ret_number[0] = ret_number[1] = 0;
        for (; *text && digits < 32; text++) {
                uint64_t *half = &ret_number[digits / 16];

                if (*text == '-')
                        continue;
                *half = *half << 4 | (uint64_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
                digits++;
        }
}

/**
 * uuid_text() - make an id of what uuid_number() made of it
 * @number:     its halves, the higher one first
 * @ret_text:   the id
 */
void uuid_text(const uint64_t number[static 2], char ret_text[static UUID_TEXT_MAX]) {
        (void)snprintf(ret_text, UUID_TEXT_MAX,
                       "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
                       number[0] >> 32, number[0] >> 16 & UINT16_MAX, number[0] & UINT16_MAX,
                       number[1] >> 48, number[1] & ((UINT64_C(1) << 48) - 1));
}
