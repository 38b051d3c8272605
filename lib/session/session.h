/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One session being worked on: its state, its lock, and the ways to its counters.
 */

#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "pam_traffic/backend.h"
#include "pam_traffic/conntrack.h"
#include "pam_traffic/session.h"
#include "store/state.h"

struct session {
        const struct session_context *context;
        int folder_fd;
        int lock_fd;
        struct state *state;
        struct conntrack *conntrack; /* NULL: this kernel has none */
        struct backend *backend;     /* NULL: not needed yet, or none could be used */
};

#define SESSION_INIT \
        { .folder_fd = -1, .lock_fd = -1 }

int session_begin(struct session *session, const struct session_context *context, const char *id,
                  uint64_t patience);
void session_end(struct session *session);

int session_describe(struct session *session, const struct request *request);
struct connection session_connection(const struct session *session);
int session_conntrack(struct session *session, struct conntrack_entry *ret_entry);

void session_report_line(const struct session_context *context, int priority, const char *format,
                         ...) __attribute__((format(printf, 3, 4)));

#define session_say(session, priority, ...) \
        session_report_line((session)->context, priority, __VA_ARGS__)

#endif
