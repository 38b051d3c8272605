/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Counting a session: its two rules, and the offset that makes their counters totals.
 */

#ifndef SESSION_COUNTING_H
#define SESSION_COUNTING_H

#include "session/session.h"

int counting_start(struct session *session);
int counting_read(struct session *session, struct known_traffic *ret_rules);
int counting_stop(struct session *session);

#endif
