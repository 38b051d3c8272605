/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What both checks share: of what opens a session, and of what counts it.
 */

#ifndef SESSION_CHECK_H
#define SESSION_CHECK_H

#include "pam_traffic/clock.h"
#include "session/session.h"

/* Of anybody who holds a lock; a login's helper waits longer for that of the log. */
#define CHECK_PATIENCE (2 * CLOCK_SECOND)

int check_failed(const struct session_context *context, const char *what, const char *path,
                 const char *why, int r);
int check_folder(const struct session_context *context, int *ret_fd);

#endif
