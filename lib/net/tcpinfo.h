/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What TCP itself counted for a connection.
 *
 * Owns: struct tcpinfo, how it is read from a socket, and the estimate of bytes on the wire.
 * Relies on: getsockopt(TCP_INFO), tcp(7); the fields are those of linux/tcp.h since 4.19.
 */

#ifndef NET_TCPINFO_H
#define NET_TCPINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define TCPINFO_RTT_UNKNOWN UINT32_MAX /* no round trip was measured yet */

/* In = received by this host. Bytes are payload; segments are those on the wire. */
struct tcpinfo {
        bool known; /* false: nothing below has a meaning */
        uint64_t in_bytes;
        uint64_t in_segments;
        uint64_t out_bytes;    /* without retransmits */
        uint64_t acked_bytes;  /* of out_bytes, what the peer has confirmed; 0: not known */
        uint64_t unsent_bytes; /* beyond out_bytes: what the socket has still to send */
        uint64_t out_segments;
        uint64_t retrans_bytes;
        uint32_t min_rtt_us; /* or TCPINFO_RTT_UNKNOWN */
        bool timestamps;     /* RFC 7323 timestamps: 12 bytes more in each header */
        bool stalled;        /* something is sent again and again: the peer does not answer */
        uint8_t state;       /* TCP_ESTABLISHED ... of linux/tcp_states.h, netinet/tcp.h */
};

void tcpinfo_from_kernel(const void *data, size_t size, struct tcpinfo *ret_info);
int tcpinfo_read(int fd, struct tcpinfo *ret_info);
bool tcpinfo_equal(const struct tcpinfo *a, const struct tcpinfo *b);
void tcpinfo_wire(const struct tcpinfo *info, sa_family_t family, uint64_t *ret_in_bytes,
                  uint64_t *ret_out_bytes);

#endif
