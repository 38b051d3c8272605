/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * alive_parse(): what it accepts are two moments that are no negative numbers, and a text that
 * ends.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "session/alive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        struct alive alive;

        if (!alive_parse(text, &alive))
                return 0;
        fuzz_assert(alive.realtime <= INT64_MAX && alive.monotonic <= INT64_MAX);
        fuzz_assert(memchr(alive.boot_id, '\0', sizeof(alive.boot_id)) != NULL);
        return 0;
}
