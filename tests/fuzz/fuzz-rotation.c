/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * rotation_names(): it comes to the end; a block for the log, put behind whatever ends its line, is
 * found.
 */

#include "base/cleanup.h"
#include "cli/etc/rotation.h"
#include "fuzz.h"

#define BLOCK "\n/var/log/pam_traffic {\n}\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        _cleanup_(freep) char *more = malloc(strlen(text) + sizeof(BLOCK));

        fuzz_assert(!!more);
        (void)rotation_names(text, "/var/log/pam_traffic");
        strcpy(stpcpy(more, text), BLOCK);
        fuzz_assert(rotation_names(more, "/var/log/pam_traffic"));
        return 0;
}
