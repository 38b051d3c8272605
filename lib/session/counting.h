/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Counting a session: its two rules, and its account.
 */

#ifndef SESSION_COUNTING_H
#define SESSION_COUNTING_H

#include "reading/onesession.h"

int counting_start(struct session *session);
int counting_check(struct session *session);
int counting_stop(struct session *session);
int counting_stop_many(struct session *const *sessions, size_t n);

#endif
