/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Starting to count a session: the part that close and reap do if the start was left undone.
 */

#ifndef SESSION_START_H
#define SESSION_START_H

#include "reading/onesession.h"

void start_uid(struct state *state);
int start_session(struct session *session);

#endif
