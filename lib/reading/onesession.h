/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One session that the helper works on: its state, its lock, and the ways to its counters.
 */

#ifndef READING_ONESESSION_H
#define READING_ONESESSION_H

#include "reading/context.h"
#include "request/request.h"
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

int onesession_begin(struct session *session, const struct session_context *context, int folder_fd,
                     struct sources *sources, const char *id, uint64_t patience);
void onesession_end(struct session *session);

int onesession_describe(struct session *session, const struct request *request);
int onesession_save(struct session *session, bool sync);
bool onesession_pid_lives(const struct session *session);
bool onesession_is_here(const struct session *session);

#define session_say(session, priority, ...) \
        context_report((session)->context, priority, __VA_ARGS__)

#endif
