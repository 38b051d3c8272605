/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Starting to count a session: what close and reap do for one where that was left undone.
 */

#ifndef SESSION_START_H
#define SESSION_START_H

#include "reading/onesession.h"

void start_uid(struct state *state);
int start_session(struct session *session);

#endif
