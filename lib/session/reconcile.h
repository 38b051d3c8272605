/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From the readings of several sources to one total.
 */

#ifndef SESSION_RECONCILE_H
#define SESSION_RECONCILE_H

#include "pam_traffic/tcpinfo.h"
#include "pam_traffic/traffic.h"

#include <stdbool.h>

struct readings {
        struct known_traffic rules;     /* the rules' counters */
        struct known_traffic offset;    /* what has to be added to them */
        bool offset_exact;              /* the offset was fixed while traffic paused */
        struct known_traffic conntrack; /* conntrack's counters for the connection */
        bool conntrack_whole;           /* the entry is the one that was there from the start */
        struct tcpinfo info;            /* TCP's own, as the lower bound that it is */
        bool ended;                     /* the connection is over: no packet can follow */
};

enum {
        RECONCILE_DIFFERENT = 1 << 0, /* rules and conntrack do not agree */
        RECONCILE_SHORT = 1 << 1,     /* the total is less than TCP's payload */
};

struct reconciled {
        struct known_traffic total;
        bool complete;
        unsigned int findings; /* RECONCILE_..., for the log */
};

void reconcile(const struct readings *readings, struct reconciled *ret_result);

#endif
