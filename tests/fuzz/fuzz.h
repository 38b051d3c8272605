/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the fuzz targets share: the entry point of libFuzzer, and the ways to hand it bytes.
 *
 * A target calls one parser and checks what must hold for whatever it accepts.
 */

#ifndef PAM_TRAFFIC_TESTS_FUZZ_H
#define PAM_TRAFFIC_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stays in when NDEBUG is defined. */
static inline void fuzz_assert(int holds) {
        if (!holds)
                abort();
}

/* The bytes as a string, in a block of just that size; the caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size) {
        char *text = malloc(size + 1);

        fuzz_assert(!!text);
        if (size)
                memcpy(text, data, size);
        text[size] = '\0';
        return text;
}

#endif
