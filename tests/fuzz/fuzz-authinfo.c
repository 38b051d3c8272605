/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * authinfo_parse(): whatever sshd's environment says.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "store/authinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        struct authinfo info;

        fuzz_assert(authinfo_parse(text, &info) == 0);
        fuzz_assert(!info.key || (info.method && strlen(info.key) == strlen("SHA256:") + 43));
        free(info.method);
        free(info.key);
        return 0;
}
