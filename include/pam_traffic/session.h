/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The life of a session, as the helper runs it.
 *
 * Owns: what happens at open and at close, in which order, and what is reported.
 * Does not: log, print or exit; it reports to whoever runs it.
 */

#ifndef PAM_TRAFFIC_SESSION_H
#define PAM_TRAFFIC_SESSION_H

#include "pam_traffic/request.h"
#include "pam_traffic/settings.h"

/* Told what an admin should know: a priority of syslog(3), and one line without a newline. */
typedef void (*session_report)(void *context, int priority, const char *line);

/* Told when a phase of the opening is done. */
typedef void (*session_acknowledge)(void *context, enum ack ack);

struct session_context {
        const struct settings *settings;
        int proc_fd; /* an open /proc */
        session_report report;
        session_acknowledge acknowledge;
        void *context; /* handed to both */
};

int session_open(const struct session_context *context, const struct request *request);
int session_close(const struct session_context *context, const struct request *request);

/* All sessions, every minute. */
int session_reap(const struct session_context *context);

/* The base: what has to be there before the first session, and its removal. */
int session_setup(const struct session_context *context);
int session_teardown(const struct session_context *context);

#endif
