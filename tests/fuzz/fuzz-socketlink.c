/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * socketlink_parse(): what is a socket's link is written back as the same, but for zeros.
 */

#include "fuzz.h"
#include "net/socketlink.h"

#include <inttypes.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char *link = malloc(size ? size : 1), text[64];
        uint64_t inode, again = 0;
        int n;

        fuzz_assert(!!link);
        if (size)
                memcpy(link, data, size);
        if (socketlink_parse(link, size, &inode)) {
                n = snprintf(text, sizeof(text), "socket:[%" PRIu64 "]", inode);
                fuzz_assert(n > 0 && (size_t)n <= size);
                fuzz_assert(socketlink_parse(text, (size_t)n, &again) && again == inode);
        }
        free(link);
        return 0;
}
