/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One session that the helper works on: its state, its lock, and the ways to its counters.
 */

#ifndef SESSION_ONESESSION_H
#define SESSION_ONESESSION_H

#include "session/session.h"
#include "store/state.h"

struct sources;

struct session {
        const struct session_context *context;
        struct sources *sources;
        int folder_fd; /* borrowed */
        int lock_fd;
        struct state *state;
};

#define SESSION_INIT \
        { .folder_fd = -1, .lock_fd = -1 }

int session_folder(const struct session_context *context, int *ret_fd);
int session_begin(struct session *session, const struct session_context *context, int folder_fd,
                  struct sources *sources, const char *id, uint64_t patience);
void session_end(struct session *session);

int session_describe(struct session *session, const struct request *request);
int session_save(struct session *session, bool sync);
int64_t session_pid_started(const struct session_context *context, pid_t pid);
bool session_pid_lives(const struct session *session);
bool session_is_here(const struct session *session);
int session_boot_id(const struct session_context *context, char **ret_boot_id);

void session_report_line(const struct session_context *context, int priority, const char *format,
                         ...) __attribute__((format(printf, 3, 4)));

#define session_say(session, priority, ...) \
        session_report_line((session)->context, priority, __VA_ARGS__)

#endif
