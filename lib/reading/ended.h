/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How the end of a session's connection is noticed.
 */

#ifndef READING_ENDED_H
#define READING_ENDED_H

#include "reading/onesession.h"

enum ended {
        ENDED_NO,     /* the connection goes on */
        ENDED_YES,    /* the connection is over: no packet can follow */
        ENDED_SEEMS,  /* conntrack says so, or the first subflow of MPTCP is gone */
        ENDED_UNSURE, /* not known */
};

enum ended ended_tell(struct session *session);

#endif
