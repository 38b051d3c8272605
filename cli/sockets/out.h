/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A buffer in front of standard output, for 100,000s of rows of many small parts each. stdio would
 * check its state for each part.
 *
 *      struct out out;
 *      out_init(&out);
 *      out_text(&out, "...");
 *      out_flush(&out);
 *
 * Does not: report errors; fflush(stdout) does, afterwards.
 */

#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct out {
        size_t used;
        char buffer[16 * 1024];
};

/**
 * out_init() - begin
 * @out:        the buffer, which is not cleared
 */
static inline void out_init(struct out *out) {
        out->used = 0;
}

/**
 * out_flush() - hand everything to standard output
 * @out:        the buffer
 */
static inline void out_flush(struct out *out) {
        (void)fwrite(out->buffer, 1, out->used, stdout);
        out->used = 0;
}

/**
 * out_bytes() - write bytes
 * @out:        the buffer
 * @bytes:      the bytes
 * @size:       how many
 */
static inline void out_bytes(struct out *out, const char *bytes, size_t size) {
        while (size > sizeof(out->buffer) - out->used) {
                size_t part = sizeof(out->buffer) - out->used;

                memcpy(out->buffer + out->used, bytes, part);
                out->used += part;
                bytes += part;
                size -= part;
                out_flush(out);
        }
        memcpy(out->buffer + out->used, bytes, size);
        out->used += size;
}

/**
 * out_text() - write a text
 * @out:        the buffer
 * @text:       the text
 */
static inline void out_text(struct out *out, const char *text) {
        out_bytes(out, text, strlen(text));
}

/**
 * out_number() - write a number
 * @out:        the buffer
 * @number:     the number
 */
static inline void out_number(struct out *out, uint64_t number) {
        char text[20], *end = text + sizeof(text), *at = end;

        do
                *--at = (char)('0' + number % 10);
        while (number /= 10);
        out_bytes(out, at, (size_t)(end - at));
}

#endif
