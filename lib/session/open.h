/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Opening a session: the part that a late session needs, too (late.h).
 */

#ifndef SESSION_OPEN_H
#define SESSION_OPEN_H

#include "base/clock.h"
#include "base/patience.h"
#include "netfilter/conntrack.h"
#include "reading/onesession.h"

/* What is known about the bytes that the connection has moved so far. */
enum open_when {
        OPEN_NOW,   /* they are the traffic before authentication */
        OPEN_LATE,  /* the user has moved bytes, too: the part before authentication is not known */
        OPEN_FOUND, /* as above; nor is it known whether anything counted at its begin */
};

int open_record(struct session *session, struct conntrack *conntrack, const struct tcpinfo *info,
                enum open_when when);

#endif
