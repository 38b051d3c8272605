/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * An IP address, and networks of them.
 *
 * Owns: struct address (an IPv4 or IPv6 address, a v4-mapped one always as IPv4, as the kernel
 * files it in netfilter), struct network (CIDR), and their text forms.
 * Does not: carry an IPv6 scope: neither conntrack nor /proc/net/tcp6 know one.
 */

#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* AF_UNSPEC (0) is the null value; bytes are in network order, the first 4 used for IPv4. */
struct address {
        sa_family_t family;
        uint8_t bytes[16];
};

#define ADDRESS_TEXT_MAX INET6_ADDRSTRLEN

/* One end of a connection; the port is in host byte order. */
struct endpoint {
        struct address address;
        uint16_t port;
};

/* The four-tuple of a TCP connection as the socket has it; both ends have one family. */
struct connection {
        struct endpoint local;
        struct endpoint remote;
};

struct network {
        struct address address;
        uint8_t prefix;
};

int address_parse(const char *text, struct address *ret_address);
int address_from_bytes(sa_family_t family, const void *bytes, struct address *ret_address);
int address_from_socket(const struct sockaddr_storage *socket, struct endpoint *ret_endpoint);
void address_format(const struct address *address, char ret_text[static ADDRESS_TEXT_MAX]);
bool address_equal(const struct address *a, const struct address *b);
bool address_endpoint_equal(const struct endpoint *a, const struct endpoint *b);
bool address_connection_equal(const struct connection *a, const struct connection *b);

int network_parse(const char *text, struct network *ret_network);
bool network_contains(const struct network *network, const struct address *address);

#endif
