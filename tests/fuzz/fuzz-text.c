/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * text_to_line() and its kin: one line, no control characters, and within the room.
 */

#include "base/cleanup.h"
#include "base/text.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size), *clean = NULL, *again = NULL;
        size_t room = TEXT_JSON_MAX(strlen(text));

        clean = malloc(room);
        again = malloc(room);
        fuzz_assert(clean && again);

        text_to_line(text, clean, room);
        for (const char *p = clean; *p; p++)
                fuzz_assert((unsigned char)*p >= 0x20 && *p != 0x7f);
        text_to_utf8(clean, again, room);
        fuzz_assert(!strcmp(clean, again)); /* it is UTF-8 already */

        text_to_utf8(text, clean, room);
        text_to_utf8(clean, again, room);
        fuzz_assert(!strcmp(clean, again));

        text_to_ascii(text, clean, room);
        for (const char *p = clean; *p; p++)
                fuzz_assert(*p >= 0x20 && *p < 0x7f);
        fuzz_assert(text_is_utf8(text) || strlen(clean) > strlen(text));
        text_json_to_ascii(text, clean, room);
        for (const char *p = clean; *p; p++)
                fuzz_assert(*p >= 0x20 && *p < 0x7f);

        text_to_line(text, clean, 1 + size % 7);
        fuzz_assert(strlen(clean) <= size % 7);
        return 0;
}
