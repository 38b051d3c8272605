/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * sshconnection_parse(): what it accepts has two ends of one family.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "net/sshconnection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        struct connection connection;

        if (sshconnection_parse(text, &connection))
                return 0;
        fuzz_assert(connection.local.address.family == connection.remote.address.family);
        fuzz_assert(connection.local.address.family != AF_UNSPEC);
        fuzz_assert(connection.local.port && connection.remote.port);
        return 0;
}
