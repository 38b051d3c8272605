/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A network: an address and how many of its leading bits count (RFC 4632, RFC 4291 section 2.3).
 *
 * Owns: the text form with a prefix length, and whether an address lies inside.
 * Does not: know netmasks (255.0.0.0) or scopes.
 */

#include "base/number.h"
#include "net/address.h"

#include <errno.h>
#include <string.h>

#define NETWORK_MAPPED_PREFIX 96 /* ::ffff:0.0.0.0/96 is all of IPv4 */

/* Whether the first @prefix bits of two addresses of one family are the same. */
static bool network_same_bits(const uint8_t *a, const uint8_t *b, unsigned int prefix) {
        unsigned int whole = prefix / 8, rest = prefix % 8;

        if (memcmp(a, b, whole) != 0)
                return false;
        return !rest || (uint8_t)(a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

/* Whether no bit is set behind the prefix. */
static bool network_is_base(const struct network *network) {
        unsigned int bits = network->address.family == AF_INET ? 32 : 128;

        for (unsigned int i = network->prefix; i < bits; i++)
                if (network->address.bytes[i / 8] & (0x80 >> i % 8))
                        return false;
        return true;
}

/**
 * network_parse() - read a network
 * @text:               "10.0.0.0/8", "fe80::/10"; a plain address is a network of one
 * @ret_network:        the network; a v4-mapped one (::ffff:10.0.0.0/104) as IPv4
 *
 * Bits behind the prefix are refused: 10.0.0.1/8 is more likely a mistake than a wish.
 *
 * Return: 0, or -EINVAL if it is not a network.
 */
int network_parse(const char *text, struct network *ret_network) {
        size_t size = strcspn(text, "/");
        struct network network = { 0 };
        char plain[ADDRESS_TEXT_MAX];
        uint64_t bits, prefix;
        bool is_mapped;

        if (size >= sizeof(plain) || memchr(text, '%', size))
                return -EINVAL;
        memcpy(plain, text, size);
        plain[size] = '\0';
        if (address_parse(plain, &network.address) < 0)
                return -EINVAL;

        is_mapped = network.address.family == AF_INET && strchr(plain, ':');
        bits = network.address.family == AF_INET && !is_mapped ? 32 : 128;
        prefix = bits;
        if (text[size] &&
            number_parse(text + size + 1, strlen(text + size + 1), 10, bits, &prefix) < 0)
                return -EINVAL;
        if (is_mapped && prefix < NETWORK_MAPPED_PREFIX)
                return -EINVAL;

        network.prefix = (uint8_t)(is_mapped ? prefix - NETWORK_MAPPED_PREFIX : prefix);
        if (!network_is_base(&network))
                return -EINVAL;

        *ret_network = network;
        return 0;
}

/**
 * network_contains() - tell whether an address lies in a network
 * @network:    the network
 * @address:    the address
 *
 * Return: true if it does; never for an address of the other family.
 */
bool network_contains(const struct network *network, const struct address *address) {
        return network->address.family == address->family &&
               network_same_bits(network->address.bytes, address->bytes, network->prefix);
}
