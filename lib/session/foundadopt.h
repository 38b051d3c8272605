/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The close of a login that a reap has found.
 */

#ifndef SESSION_FOUNDADOPT_H
#define SESSION_FOUNDADOPT_H

#include "reading/onesession.h"

enum {
        FOUNDADOPT_E_NONE = 1, /* no reap has found this login */
        FOUNDADOPT_E_OVER,     /* a reap has found it, and its session has ended */
};

int foundadopt_session(struct session *session, const struct request *request, uint64_t patience);

#endif
