/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The life of a session, as the helper runs it.
 *
 * Owns: what happens at open and at close, in which order, and what is reported.
 * Does not: log, print or exit; it reports to its caller.
 */

#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "base/clock.h"
#include "net/held.h"
#include "net/monitor.h"
#include "request/request.h"
#include "session/live.h"
#include "session/patience.h"
#include "store/settings.h"

/* Gets each message for the admin: a priority of syslog(3), and one line without a newline. */
typedef void (*session_report)(void *context, int priority, const char *line);

/* Tells which monitors of sshd have sockets open: monitor_find(), done by the looker. */
typedef int (*session_monitors)(void *context, const uint64_t *inodes, size_t n,
                                struct monitor ret_monitors[static MONITOR_MOST], size_t *ret_n);

/* Asks a socket that another process has open: held_ask(), likewise. */
typedef int (*session_held)(void *context, pid_t pid, uint64_t inode, struct held *ret_held);

struct session_context {
        const struct settings *settings;
        int proc_fd;           /* an open /proc */
        const char *spools[2]; /* the folders where the module leaves requests; NULL: none */
        const char *config;    /* the path of the configuration, as the PAM line has it; a reap's */
        uint64_t *patience;    /* how long the whole run may still wait for others who write to the
                                * log, microseconds; SESSION_PATIENCE at its begin */
        session_report report;
        void *context;             /* argument of report */
        session_monitors monitors; /* set by a reap; NULL: there is no looker */
        session_held held;         /* likewise */
        void *looker;              /* argument of both */
};

/* A login waits for session_open(); session_start() follows, in another program. */
int session_open(const struct session_context *context, const struct request *request);
int session_start(const struct session_context *context, const char *id);
int session_close(const struct session_context *context, const struct request *request);

/* The same without a session: each tries what the function above needs, and leaves nothing. */
int session_check_open(const struct session_context *context);
int session_check_start(const struct session_context *context);

/* The work on all sessions, every minute. */
int session_reap(const struct session_context *context);

/* The base: what has to be in the kernel before the first session; and its removal. */
int session_setup(const struct session_context *context);
int session_teardown(const struct session_context *context);

#endif
