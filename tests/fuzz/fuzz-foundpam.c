/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * foundpam_parse(): a line is at most one of both, and names what it names.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "session/foundpam.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        struct foundpam_line line;

        for (const char *at = text; *at; at += strspn(at, "\n")) {
                size_t n = strcspn(at, "\n");

                foundpam_parse(at, n, &line);
                fuzz_assert(!(line.ours && line.includes));
                fuzz_assert(strlen(line.name) < sizeof(line.name));
                fuzz_assert(strlen(line.config) <= n);
                fuzz_assert(!line.includes || *line.name);
                at += n;
        }
        return 0;
}
