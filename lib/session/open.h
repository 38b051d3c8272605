/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Opening a session: the part that a late one needs, too (late.h).
 */

#ifndef SESSION_OPEN_H
#define SESSION_OPEN_H

#include "base/clock.h"
#include "netfilter/conntrack.h"
#include "reading/onesession.h"
#include "reading/patience.h"

/* How much is known of what the connection has moved so far. */
enum open_when {
        OPEN_NOW,   /* it is what flowed before authentication */
        OPEN_LATE,  /* the user has been at work: nobody knows what flowed before authentication */
        OPEN_FOUND, /* nor whether anything counted at its begin */
};

int open_record(struct session *session, struct conntrack *conntrack, const struct tcpinfo *info,
                enum open_when when);

#endif
