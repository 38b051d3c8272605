/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What TCP itself counted for a connection.
 *
 * Relies on: struct tcp_info of linux/tcp.h, to which the kernel adds only at the end (glibc's
 * netinet/tcp.h has an older, shorter one); tcp_get_info() in net/ipv4/tcp.c.
 */

#include "net/tcpinfo.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#define TCPINFO_SIZE_MIN                                 \
        (offsetof(struct tcp_info, tcpi_bytes_retrans) + \
         sizeof(((struct tcp_info *)NULL)->tcpi_bytes_retrans))

/* Header bytes of a segment. Options other than timestamps (SYN, SACK) are not counted. */
#define TCPINFO_HEADER_IPV4 20
#define TCPINFO_HEADER_IPV6 40
#define TCPINFO_HEADER_TCP 20
#define TCPINFO_HEADER_TIMESTAMPS 12

/**
 * tcpinfo_from_kernel() - take a struct tcp_info as the kernel wrote it
 * @data:       its bytes, from getsockopt(2) or from sock_diag(7), INET_DIAG_INFO
 * @size:       how many the kernel wrote
 * @ret_info:   the numbers; not known if the kernel is older than all of them
 */
void tcpinfo_from_kernel(const void *data, size_t size, struct tcpinfo *ret_info) {
        struct tcp_info kernel = { 0 };
        struct tcpinfo info = { 0 };

        if (size >= TCPINFO_SIZE_MIN) {
                memcpy(&kernel, data, size < sizeof(kernel) ? size : sizeof(kernel));
                info = (struct tcpinfo){
                        .known = true,
                        .in_bytes = kernel.tcpi_bytes_received,
                        .in_segments = kernel.tcpi_segs_in,
                        .out_bytes = kernel.tcpi_bytes_sent - kernel.tcpi_bytes_retrans,
                        .unsent_bytes = kernel.tcpi_notsent_bytes,
                        .out_segments = kernel.tcpi_segs_out,
                        .retrans_bytes = kernel.tcpi_bytes_retrans,
                        .min_rtt_us = kernel.tcpi_min_rtt,
                        .timestamps = kernel.tcpi_options & TCPI_OPT_TIMESTAMPS,
                        .stalled = kernel.tcpi_retransmits || kernel.tcpi_probes,
                        .state = kernel.tcpi_state,
                };
                /* a FIN is confirmed as if it were a byte */
                info.acked_bytes = kernel.tcpi_bytes_acked < info.out_bytes
                                           ? kernel.tcpi_bytes_acked
                                           : info.out_bytes;
        }
        *ret_info = info;
}

/**
 * tcpinfo_read() - ask a TCP socket
 * @fd:         the socket
 * @ret_info:   the numbers; not known if the kernel is older than all of them
 *
 * Return: 0, or a negative errno of getsockopt(2).
 */
int tcpinfo_read(int fd, struct tcpinfo *ret_info) {
        struct tcp_info kernel = { 0 };
        socklen_t size = sizeof(kernel);

        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &kernel, &size) < 0)
                return -errno;
        tcpinfo_from_kernel(&kernel, size, ret_info);
        return 0;
}

/**
 * tcpinfo_equal() - compare what is known
 * @a:  of one moment
 * @b:  of another one
 *
 * Return: true if nothing is different.
 */
bool tcpinfo_equal(const struct tcpinfo *a, const struct tcpinfo *b) {
        if (!a->known || !b->known)
                return a->known == b->known;
        return a->in_bytes == b->in_bytes && a->in_segments == b->in_segments &&
               a->out_bytes == b->out_bytes && a->acked_bytes == b->acked_bytes &&
               a->unsent_bytes == b->unsent_bytes && a->out_segments == b->out_segments &&
               a->retrans_bytes == b->retrans_bytes && a->min_rtt_us == b->min_rtt_us &&
               a->timestamps == b->timestamps && a->stalled == b->stalled && a->state == b->state;
}

/**
 * tcpinfo_wire() - estimate the IP bytes that a router would have counted
 * @info:               the numbers; they must be known
 * @family:             AF_INET or AF_INET6; v4-mapped is AF_INET
 * @ret_in_bytes:       received: payload and headers. What arrived twice is not in it
 * @ret_out_bytes:      sent: payload, retransmits and headers
 */
void tcpinfo_wire(const struct tcpinfo *info, sa_family_t family, uint64_t *ret_in_bytes,
                  uint64_t *ret_out_bytes) {
        uint64_t header = TCPINFO_HEADER_TCP;

        header += family == AF_INET6 ? TCPINFO_HEADER_IPV6 : TCPINFO_HEADER_IPV4;
        if (info->timestamps)
                header += TCPINFO_HEADER_TIMESTAMPS;

        *ret_in_bytes = info->in_bytes + info->in_segments * header;
        *ret_out_bytes = info->out_bytes + info->retrans_bytes + info->out_segments * header;
}
