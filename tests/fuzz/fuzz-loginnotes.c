/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * loginnotes_parse(): a note has a session's id.
 */

#include "fuzz.h"
#include "store/loginnotes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char *text = fuzz_text(data, size);
        struct loginnote note = { .audit_session = 0 };

        if (loginnotes_parse(text, &note))
                fuzz_assert(uuid_valid(note.session));
        free(text);
        return 0;
}
