/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The last readings of a session whose connection is over.
 */

#ifndef SESSION_LASTREADING_H
#define SESSION_LASTREADING_H

#include "session/account.h"
#include "session/session.h"

uint64_t lastreading_patience(const struct session *session);
void lastreading_forgo(struct session *session, const struct known_traffic *rules,
                       const struct tcpinfo *follower);
bool lastreading_yield(struct session *session);
void lastreading_conclude(struct session *session, const struct sample *sample);
void lastreading_finish(struct session *session);

#endif
