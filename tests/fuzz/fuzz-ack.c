/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * ack_parse(): never uses more than it was given, and says the same of a longer text.
 */

#include "fuzz.h"
#include "request/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const char *text = (const char *)data;
        size_t used, shorter_used;
        enum ack ack, shorter;

        ack = ack_parse(text, size, &used);
        fuzz_assert(used <= size);
        fuzz_assert(!used == (ack == ACK_NONE || ack == ACK_GARBAGE));
        for (size_t n = 0; n < size && n < ACK_MAX; n++) {
                shorter = ack_parse(text, n, &shorter_used);
                fuzz_assert(shorter == ACK_NONE || shorter == ack);
        }
        return 0;
}
