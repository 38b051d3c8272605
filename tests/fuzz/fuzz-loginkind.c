/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * loginkind_parse(): what it accepts is what loginkind_format() writes.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "net/loginkind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        unsigned int kinds = loginkind_parse(text);
        char again[LOGINKIND_TEXT_MAX];

        fuzz_assert(!(kinds & ~(unsigned int)LOGINKIND_ALL));
        if (!kinds)
                return 0;
        loginkind_format(kinds, again);
        fuzz_assert(!strcmp(text, again));
        return 0;
}
