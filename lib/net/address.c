/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * An IP address, the end of a connection, and their text forms.
 *
 * Owns: the one place where a v4-mapped address (::ffff:a.b.c.d) becomes an IPv4 one.
 * Relies on: inet_pton(3), inet_ntop(3); RFC 4291 section 2.5.5.2; RFC 4007 section 11 for scopes.
 * Does not: look up names.
 */

#include "net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

/* Whether a scope as getnameinfo(3) writes it stands there: a link's name or number. */
static bool address_scope_valid(const char *scope) {
        size_t size = strnlen(scope, IF_NAMESIZE);

        if (!size || size >= IF_NAMESIZE)
                return false;
        for (size_t i = 0; i < size; i++)
                if (scope[i] <= ' ' || scope[i] > '~' || strchr("%/:", scope[i]))
                        return false;
        return true;
}

/**
 * address_parse() - read an address
 * @text:               IPv4 with four decimal numbers, or IPv6; IPv6 may have a scope (%eth0)
 * @ret_address:        the address, without the scope; a v4-mapped one as IPv4
 *
 * Return: 0, or -EINVAL if it is not an address.
 */
int address_parse(const char *text, struct address *ret_address) {
        size_t size = strcspn(text, "%");
        char plain[ADDRESS_TEXT_MAX];
        uint8_t bytes[16];

        if (size >= sizeof(plain))
                return -EINVAL;
        memcpy(plain, text, size);
        plain[size] = '\0';

        if (inet_pton(AF_INET6, plain, bytes) == 1) {
                if (text[size] && !address_scope_valid(text + size + 1))
                        return -EINVAL;
                return address_from_bytes(AF_INET6, bytes, ret_address);
        }
        if (!text[size] && inet_pton(AF_INET, plain, bytes) == 1)
                return address_from_bytes(AF_INET, bytes, ret_address);
        return -EINVAL;
}

/**
 * address_from_bytes() - take an address in network order
 * @family:             AF_INET or AF_INET6
 * @bytes:              4 or 16 bytes
 * @ret_address:        the address; a v4-mapped one as IPv4
 *
 * Return: 0, or -EAFNOSUPPORT.
 */
int address_from_bytes(sa_family_t family, const void *bytes, struct address *ret_address) {
        static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
        struct address address = { .family = family };

        if (family == AF_INET) {
                memcpy(address.bytes, bytes, 4);
        } else if (family == AF_INET6 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
                address.family = AF_INET;
                memcpy(address.bytes, (const uint8_t *)bytes + sizeof(mapped), 4);
        } else if (family == AF_INET6) {
                memcpy(address.bytes, bytes, 16);
        } else {
                return -EAFNOSUPPORT;
        }

        *ret_address = address;
        return 0;
}

/**
 * address_from_socket() - take what getsockname(2) or getpeername(2) gave
 * @socket:             the socket's address
 * @ret_endpoint:       address and port; a v4-mapped address as IPv4, an IPv6 scope left out
 *
 * Return: 0, or -EAFNOSUPPORT if it is not an IP socket.
 */
int address_from_socket(const struct sockaddr_storage *socket, struct endpoint *ret_endpoint) {
        struct endpoint endpoint = { 0 };
        struct sockaddr_in6 in6;
        struct sockaddr_in in;
        int r;

        if (socket->ss_family == AF_INET) {
                memcpy(&in, socket, sizeof(in));
                endpoint.port = ntohs(in.sin_port);
                r = address_from_bytes(AF_INET, &in.sin_addr, &endpoint.address);
        } else if (socket->ss_family == AF_INET6) {
                memcpy(&in6, socket, sizeof(in6));
                endpoint.port = ntohs(in6.sin6_port);
                r = address_from_bytes(AF_INET6, &in6.sin6_addr, &endpoint.address);
        } else {
                return -EAFNOSUPPORT;
        }
        if (r < 0)
                return r;

        *ret_endpoint = endpoint;
        return 0;
}

/* What inet_ntop() writes; it takes ten times as long, and tables have 100,000s of addresses. */
static void address_format4(const uint8_t bytes[static 4], char *text) {
        for (unsigned int i = 0; i < 4; i++) {
                if (bytes[i] >= 100)
                        *text++ = (char)('0' + bytes[i] / 100);
                if (bytes[i] >= 10)
                        *text++ = (char)('0' + bytes[i] / 10 % 10);
                *text++ = (char)('0' + bytes[i] % 10);
                *text++ = i < 3 ? '.' : '\0';
        }
}

/**
 * address_format() - write an address
 * @address:    the address
 * @ret_text:   its canonical text; empty for the null value
 */
void address_format(const struct address *address, char ret_text[static ADDRESS_TEXT_MAX]) {
        if (address->family == AF_INET)
                address_format4(address->bytes, ret_text);
        else if (!inet_ntop(address->family, address->bytes, ret_text, ADDRESS_TEXT_MAX))
                ret_text[0] = '\0';
}

/**
 * address_equal() - compare two addresses
 * @a:  one
 * @b:  the other
 *
 * Return: true if they are the same; two null values are.
 */
bool address_equal(const struct address *a, const struct address *b) {
        size_t size = a->family == AF_INET6 ? 16 : a->family == AF_INET ? 4 : 0;

        return a->family == b->family && memcmp(a->bytes, b->bytes, size) == 0;
}

/**
 * address_endpoint_equal() - compare two ends, address and port
 * @a:  one
 * @b:  the other
 *
 * Return: true if they are the same.
 */
bool address_endpoint_equal(const struct endpoint *a, const struct endpoint *b) {
        return a->port == b->port && address_equal(&a->address, &b->address);
}

/**
 * address_connection_equal() - compare two connections, both ends
 * @a:  one
 * @b:  the other
 *
 * Return: true if they are the same four-tuple, seen from the same side.
 */
bool address_connection_equal(const struct connection *a, const struct connection *b) {
        return address_endpoint_equal(&a->local, &b->local) &&
               address_endpoint_equal(&a->remote, &b->remote);
}
