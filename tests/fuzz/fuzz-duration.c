/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * duration_parse(), size_parse() and number_parse(): no number beyond its range.
 */

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/number.h"
#include "base/size.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        uint64_t number;

        if (!duration_parse(text, &number))
                fuzz_assert(number <= 365 * 86400 * CLOCK_SECOND);
        if (!size_parse(text, &number))
                fuzz_assert(size > 0 && text[0] >= '0' && text[0] <= '9');
        if (!number_parse(text, size, 10, 1000, &number))
                fuzz_assert(number <= 1000);
        if (!number_parse(text, size, 16, UINT32_MAX, &number))
                fuzz_assert(number <= UINT32_MAX);
        return 0;
}
