/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How much netfilter can have counted for a socket, derived from what TCP has counted for it.
 *
 * Owns: the lower and upper bounds; docs/identity.md derives them.
 * Relies on: net/ipv4/tcp_input.c and tcp_output.c: which packets each counter of struct tcp_info
 * counts.
 */

#include "account/bounds.h"

/* SYNs, SYN-ACKs and what follows the last look: the FINs and their ACKs, a RST or two. */
#define BOUNDS_PACKETS 8

/* What is unsent or not confirmed may be sent, and once more, and each segment be answered; with at
 * least so much in it. */
#define BOUNDS_SEGMENT 500

/* Two segments that came twice. */
#define BOUNDS_TIGHT 3000

/* RFC 7323, and two bytes to fill up. */
#define BOUNDS_TIMESTAMPS 12

/* tcpi_segs_in and its like have 32 bits: beyond that many bytes they may have begun anew. */
#define BOUNDS_BYTES_MOST (UINT64_C(1) << 40)

/* The longest headers: TCP's has 60 bytes at the most. */
static uint64_t bounds_header_most(const struct bounds *bounds) {
        return (bounds->family == AF_INET6 ? 40 : 20) + 60;
}

/* What is not sent yet, or not confirmed. */
static uint64_t bounds_left(const struct tcpinfo *info) {
        return info->unsent_bytes + info->out_bytes - info->acked_bytes;
}

static bool bounds_is_counted(const struct tcpinfo *info) {
        return info->known && info->in_bytes + info->out_bytes < BOUNDS_BYTES_MOST;
}

/**
 * bounds_of() - make the bounds of a socket
 * @bounds:     the bounds
 * @family:     AF_INET or AF_INET6; v4-mapped is AF_INET
 * @before:     what TCP had counted before the counters were read, or the last that is known
 * @after:      what TCP had counted after they were read; not known: there is no upper bound
 * @reset:      a RST may be among the packets: those that the client sends to what comes when its
 *              socket is gone have no timestamps (tcp_v4_send_reset())
 */
void bounds_of(struct bounds *bounds, sa_family_t family, const struct tcpinfo *before,
               const struct tcpinfo *after, bool reset) {
        const struct tcpinfo segment = { .in_segments = 1, .timestamps = before->timestamps };
        uint64_t out;

        *bounds = (struct bounds){ .family = family, .before = before, .after = after };
        tcpinfo_wire(&segment, family, &bounds->header, &out);
        if (reset && before->timestamps)
                bounds->bare = after->known ? bounds_left(after) / BOUNDS_SEGMENT + BOUNDS_PACKETS
                                            : UINT64_MAX;
}

/* TCP counts as sent what found no route, and so no netfilter: only what was confirmed has gone out
 * for sure. */
static uint64_t bounds_least(const struct bounds *bounds, const struct counter *counter, bool out) {
        uint64_t bare = counter->packets < bounds->bare ? counter->packets : bounds->bare;

        return (out ? bounds->before->acked_bytes : bounds->before->in_bytes) +
               counter->packets * bounds->header - bare * BOUNDS_TIMESTAMPS;
}

/**
 * bounds_lack() - tell whether counters have less than the socket has moved
 * @bounds:     the bounds
 * @traffic:    the counters
 *
 * Return: true if they have lost something.
 */
bool bounds_lack(const struct bounds *bounds, const struct traffic *traffic) {
        return bounds->before->known &&
               (traffic->in.bytes < bounds_least(bounds, &traffic->in, false) ||
                traffic->out.bytes < bounds_least(bounds, &traffic->out, true));
}

/**
 * bounds_raise() - add what is missing at the least
 * @bounds:     the bounds
 * @traffic:    the counters
 */
void bounds_raise(const struct bounds *bounds, struct traffic *traffic) {
        uint64_t in = bounds_least(bounds, &traffic->in, false);
        uint64_t out = bounds_least(bounds, &traffic->out, true);

        if (traffic->in.bytes < in)
                traffic->in.bytes = in;
        if (traffic->out.bytes < out)
                traffic->out.bytes = out;
}

/**
 * bounds_exceed() - tell whether counters have more than the socket can have moved
 * @bounds:     the bounds
 * @traffic:    the counters
 *
 * Tight for what was sent; loose for what was received, since TCP counts no byte that came twice.
 *
 * Return: true if something in them is not the socket's; false also where TCP does not tell.
 */
bool bounds_exceed(const struct bounds *bounds, const struct traffic *traffic) {
        const struct tcpinfo *info = bounds->after;
        uint64_t header = bounds_header_most(bounds);
        uint64_t left, in_most, out_most;

        if (!bounds_is_counted(info))
                return false;
        left = bounds_left(info);
        in_most = info->in_segments + BOUNDS_PACKETS + 2 * left / BOUNDS_SEGMENT;
        out_most = info->out_segments + BOUNDS_PACKETS + 2 * left / BOUNDS_SEGMENT;
        if (traffic->in.packets > in_most || traffic->out.packets > out_most)
                return true;
        if (traffic->out.bytes >
            info->out_bytes + info->retrans_bytes + 2 * left + out_most * header)
                return true;
        return traffic->in.bytes > 2 * info->in_bytes + in_most * header;
}

static bool bounds_payload(const struct counter *more, const struct counter *less,
                           uint64_t header) {
        uint64_t packets = more->packets > less->packets ? more->packets - less->packets : 0;

        return more->bytes > less->bytes && more->bytes - less->bytes > packets * header;
}

/**
 * bounds_have_payload() - tell whether what one counter has beyond another is more than headers
 * @bounds:     the bounds
 * @more:       the counters
 * @less:       the others
 *
 * Return: true if there are segments in it that are not empty.
 */
bool bounds_have_payload(const struct bounds *bounds, const struct traffic *more,
                         const struct traffic *less) {
        uint64_t header = bounds_header_most(bounds);

        return bounds_payload(&more->in, &less->in, header) ||
               bounds_payload(&more->out, &less->out, header);
}

/**
 * bounds_estimate() - what netfilter has counted if nothing was lost or came twice
 * @bounds:             the bounds; their after is known
 * @ret_traffic:        the counters
 */
void bounds_estimate(const struct bounds *bounds, struct traffic *ret_traffic) {
        bool ipv6 = bounds->family == AF_INET6;

        tcpinfo_wire(bounds->after, bounds->family, &ret_traffic->in.bytes,
                     &ret_traffic->out.bytes);
        ret_traffic->in.bytes += 8; /* the SYN's options are 20 bytes, not 12 */
        ret_traffic->in.packets = bounds->after->in_segments;
        ret_traffic->out.bytes += ipv6 ? 80 : 60; /* the SYN-ACK */
        ret_traffic->out.packets = bounds->after->out_segments + 1;
}

/**
 * bounds_are_tight() - tell whether counters have the payload that TCP moved, and hardly any other
 * @bounds:     the bounds; their after is known
 * @traffic:    the counters
 *
 * What came twice is other payload, too: where nothing else is at stake, bounds_exceed() is to be
 * asked.
 *
 * Return: true if so.
 */
bool bounds_are_tight(const struct bounds *bounds, const struct traffic *traffic) {
        const struct tcpinfo *info = bounds->after;
        uint64_t slack = BOUNDS_TIGHT + BOUNDS_PACKETS * bounds_header_most(bounds);

        if (!bounds_is_counted(info))
                return false;
        return traffic->in.bytes <= info->in_bytes + traffic->in.packets * bounds->header + slack &&
               traffic->out.bytes <= info->out_bytes + info->retrans_bytes + 2 * bounds_left(info) +
                                             traffic->out.packets * bounds->header + slack;
}

/**
 * bounds_explain() - tell whether counters are those of the socket, and of no other
 * @bounds:     the bounds; their after is known
 * @traffic:    the counters
 *
 * More exact than bounds_exceed(): for a socket that has not moved much yet. One in 64 may be what
 * came twice.
 *
 * Return: false if they have more than the handshake can explain.
 */
bool bounds_explain(const struct bounds *bounds, const struct traffic *traffic) {
        uint64_t slack = BOUNDS_PACKETS * bounds_header_most(bounds);
        struct traffic estimate;

        if (!bounds_is_counted(bounds->after))
                return true;
        bounds_estimate(bounds, &estimate);
        return traffic->in.bytes <= estimate.in.bytes + slack + estimate.in.bytes / 64 &&
               traffic->out.bytes <= estimate.out.bytes + slack + estimate.out.bytes / 64 &&
               !bounds_exceed(bounds, traffic);
}
