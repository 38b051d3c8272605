/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The life of a session, as the helper runs it.
 *
 * Owns: what happens at open and at close, in which order, and what is reported.
 * Does not: log, print or exit; it reports to its caller.
 */

#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "reading/context.h"
#include "request/request.h"

/* A login waits for session_open(); session_start() follows, in another program, and then
 * kind_watch(), which sees what the login is for. */
int session_open(const struct session_context *context, const struct request *request);
int session_start(const struct session_context *context, const char *id);
int kind_watch(const struct session_context *context, const char *id);
int session_close(const struct session_context *context, const struct request *request);

/* The same without a session: each tries what the function above needs, and leaves nothing. */
int sessioncheck_open(const struct session_context *context);
int checkstart_run(const struct session_context *context);

/* The work on all sessions, every minute. */
int session_reap(const struct session_context *context);

/* Before the programs are removed. */
int endall_run(const struct session_context *context);

/* The base: what has to be in the kernel before the first session; and its removal. */
int kernelsetup_run(const struct session_context *context);
int kernelsetup_undo(const struct session_context *context);

#endif
