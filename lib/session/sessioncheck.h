/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What both checks share: the one of opening a session (sessioncheck.c), and the one of counting it
 * (checkstart.c).
 */

#ifndef SESSION_SESSIONCHECK_H
#define SESSION_SESSIONCHECK_H

#include "base/clock.h"
#include "base/patience.h"
#include "reading/onesession.h"

int sessioncheck_failed(const struct session_context *context, const char *what, const char *path,
                        const char *why, int r);
int sessioncheck_folder(const struct session_context *context, int *ret_fd);

#endif
