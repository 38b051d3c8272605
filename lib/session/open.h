/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Opening a session: the parts that close and reap need for one that was not opened, or half.
 */

#ifndef SESSION_OPEN_H
#define SESSION_OPEN_H

#include "pam_traffic/clock.h"
#include "session/session.h"

/* How long after the login an open may still begin. A close that finds no session waits for that
 * moment to pass, and then knows that none will come. */
#define OPEN_LATEST (20 * CLOCK_SECOND)

int open_phase1(struct session *session, const struct request *request, bool late);
int open_phase2(struct session *session);

#endif
