/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How much netfilter can have counted for a socket, derived from what TCP has counted for it.
 */

#ifndef ACCOUNT_BOUNDS_H
#define ACCOUNT_BOUNDS_H

#include "base/traffic.h"
#include "net/tcpinfo.h"

struct bounds {
        sa_family_t family;
        const struct tcpinfo *before; /* read before the counters, which have at least this */
        const struct tcpinfo *after;  /* read after them, or the socket's last word: they have at
                                       * most that, and what was left to send */
        uint64_t header;              /* of a segment, at the least */
        uint64_t bare; /* so many packets may be RSTs, whose header is shorter: no timestamps */
};

void bounds_of(struct bounds *bounds, sa_family_t family, const struct tcpinfo *before,
               const struct tcpinfo *after, bool reset);
bool bounds_lack(const struct bounds *bounds, const struct traffic *traffic);
void bounds_raise(const struct bounds *bounds, struct traffic *traffic);
bool bounds_exceed(const struct bounds *bounds, const struct traffic *traffic);
bool bounds_have_payload(const struct bounds *bounds, const struct traffic *more,
                         const struct traffic *less);
bool bounds_are_tight(const struct bounds *bounds, const struct traffic *traffic);
bool bounds_explain(const struct bounds *bounds, const struct traffic *traffic);
void bounds_estimate(const struct bounds *bounds, struct traffic *ret_traffic);

#endif
