/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * network_parse(): a network contains its own address, and another one behind the prefix only.
 */

#include "base/cleanup.h"
#include "fuzz.h"
#include "net/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(freep) char *text = fuzz_text(data, size);
        struct network network;
        struct address other;
        unsigned int bits;

        if (network_parse(text, &network) < 0)
                return 0;
        bits = network.address.family == AF_INET ? 32 : 128;
        fuzz_assert(network.prefix <= bits);
        fuzz_assert(network_contains(&network, &network.address));
        for (unsigned int i = 0; i < bits; i++) {
                other = network.address;
                other.bytes[i / 8] ^= (uint8_t)(0x80 >> i % 8);
                fuzz_assert(network_contains(&network, &other) == (i >= network.prefix));
        }
        return 0;
}
