/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * period_parse(): what is accepted has no end before its begin, and is within reach. In front of
 * the text stands the present moment: eight bytes.
 */

#include "base/cleanup.h"
#include "cli/shared/period.h"
#include "fuzz.h"

#include <stdlib.h>
#include <time.h>

/* the end of the year 9999, and a day for the zones west of Greenwich */
#define FUZZ_PERIOD_LAST (UINT64_C(253402387200) * 1000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = NULL;
        const char *word;
        uint64_t now;

        if (size < sizeof(now))
                return 0;
        memcpy(&now, data, sizeof(now));
        now %= FUZZ_PERIOD_LAST;
        text = fuzz_text(data + sizeof(now), size - sizeof(now));
        for (int utc = 0; utc < 2; utc++) {
                struct period since = { .since = text, .utc = utc };
                struct period until = { .until = text, .utc = utc };
                int r;

                /* without a file that says what it is */
                (void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
                tzset();
                r = period_parse(&since, now, &word);
                /* nothing is before 1970 */
                fuzz_assert(r == period_parse(&until, now, &word) || !since.begin);
                fuzz_assert(r || until.end == 0 ||
                            (since.begin <= until.end && until.end <= FUZZ_PERIOD_LAST));
        }
        return 0;
}
