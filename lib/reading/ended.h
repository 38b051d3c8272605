/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whether a session's connection is over.
 */

#ifndef READING_ENDED_H
#define READING_ENDED_H

#include "reading/onesession.h"

enum ended {
        ENDED_NO,     /* the connection goes on */
        ENDED_YES,    /* it is over: no packet can follow */
        ENDED_SEEMS,  /* conntrack says so, or there is no more of it than sshd's process */
        ENDED_UNSURE, /* nothing tells */
};

enum ended ended_tell(struct session *session);

#endif
