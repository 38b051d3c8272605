/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * sshdconfig_next(): it comes to the end, and its words have room.
 */

#include "base/cleanup.h"
#include "cli/etc/sshdconfig.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        struct sshdconfig_line line;

        for (const char *at = text; *at;) {
                size_t taken = sshdconfig_next(at, &line);

                fuzz_assert(taken > 0 && taken <= strlen(at));
                fuzz_assert(strlen(line.keyword) < SSHDCONFIG_WORD_MAX);
                fuzz_assert(strlen(line.value) < SSHDCONFIG_WORD_MAX);
                at += taken;
        }
        return 0;
}
