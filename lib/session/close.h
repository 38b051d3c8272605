/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Closing a session: the part that waits for nothing.
 */

#ifndef SESSION_CLOSE_H
#define SESSION_CLOSE_H

#include "reading/onesession.h"

int close_take(struct session *session, const struct request *request, bool waits);

#endif
