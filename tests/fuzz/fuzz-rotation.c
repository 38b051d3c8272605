/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * rotation_names(): it comes to the end; a block for the log, put behind whatever ends its line, is
 * found. Of a text that nobody has edited: a log that is added is named, and when it is dropped the
 * text is as it was.
 */

#include "base/cleanup.h"
#include "cli/etc/rotation.h"
#include "fuzz.h"

#define BLOCK "\n/var/log/pam_traffic {\n}\n"

static void check_made(const char *text) {
        _cleanup_(freep) char *with = NULL, *without = NULL;

        if (!rotation_is_made(text)) {
                fuzz_assert(rotation_add(text, "/l", &with) == -EINVAL);
                fuzz_assert(rotation_drop(text, "/l", &with) == -EINVAL);
                return;
        }
        /* the last one of two that are the same would be dropped first */
        if (rotation_names(text, "/l"))
                return;
        fuzz_assert(!rotation_add(text, "/l", &with));
        fuzz_assert(rotation_is_made(with) && rotation_names(with, "/l"));
        fuzz_assert(!rotation_drop(with, "/l", &without));
        fuzz_assert(!strcmp(without, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        _cleanup_(freep) char *more = malloc(strlen(text) + sizeof(BLOCK));

        fuzz_assert(!!more);
        (void)rotation_names(text, "/var/log/pam_traffic");
        strcpy(stpcpy(more, text), BLOCK);
        fuzz_assert(rotation_names(more, "/var/log/pam_traffic"));
        check_made(text);
        return 0;
}
