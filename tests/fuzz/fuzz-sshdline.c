/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * sshdline_parse(): what it takes from a line is whole, and not of the future by more than a day.
 */

#include "base/cleanup.h"
#include "cli/doctor/sshdline.h"
#include "fuzz.h"

#define NOW (UINT64_C(1796040000) * 1000000) /* 2026-11-30 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        struct sshdline line;

        text[strcspn(text, "\n")] = '\0';
        if (sshdline_parse(text, NOW, &line))
                return 0;
        fuzz_assert(line.pid > 0);
        fuzz_assert(!*line.user == (line.kind == SSHDLINE_REFUSED));
        fuzz_assert(strlen(line.user) < SSHDLINE_USER_MAX);
        fuzz_assert(line.kind == SSHDLINE_ACCEPTED || line.kind == SSHDLINE_OPENED ||
                    line.kind == SSHDLINE_REFUSED);
        fuzz_assert(line.remote.address.family == AF_UNSPEC || line.kind == SSHDLINE_ACCEPTED);
        return 0;
}
