/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * period_parse_since() and period_parse_until(): what is accepted has no end before its begin, and
 * is within reach. In front of the text stands the present moment: eight bytes.
 */

#include "base/cleanup.h"
#include "cli/shared/period.h"
#include "fuzz.h"

/* the end of the year 9999, and a day for the zones west of Greenwich */
#define FUZZ_PERIOD_LAST (UINT64_C(253402387200) * 1000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = NULL;
        uint64_t now, since = 0, until = 0;

        if (size < sizeof(now))
                return 0;
        memcpy(&now, data, sizeof(now));
        now %= FUZZ_PERIOD_LAST;
        text = fuzz_text(data + sizeof(now), size - sizeof(now));
        for (int utc = 0; utc < 2; utc++) {
                int r = period_parse_since(text, now, utc, &since);

                fuzz_assert(r == period_parse_until(text, now, utc, &until));
                fuzz_assert(r || (since <= until && until <= FUZZ_PERIOD_LAST));
        }
        return 0;
}
