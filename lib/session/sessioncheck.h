/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What both checks share: of what opens a session, and of what counts it.
 */

#ifndef SESSION_SESSIONCHECK_H
#define SESSION_SESSIONCHECK_H

#include "base/clock.h"
#include "session/onesession.h"

/* Of anybody who holds a lock; a login's helper waits longer for that of the log. */
#define SESSIONCHECK_PATIENCE (2 * CLOCK_SECOND)

int sessioncheck_failed(const struct session_context *context, const char *what, const char *path,
                        const char *why, int r);
int sessioncheck_folder(const struct session_context *context, int *ret_fd);

#endif
