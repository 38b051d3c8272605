/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * address_parse(): what it accepts survives being written and read again.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "net/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        char canonical[ADDRESS_TEXT_MAX];
        struct address address, again;

        if (address_parse(text, &address) < 0)
                return 0;
        fuzz_assert(address.family == AF_INET || address.family == AF_INET6);
        address_format(&address, canonical);
        fuzz_assert(address_parse(canonical, &again) == 0);
        fuzz_assert(address_equal(&address, &again));
        return 0;
}
