/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One session that the helper works on.
 *
 * Owns: taking and giving back what open and close both need; and filling a state from the request
 * and from what the kernel says about the session.
 * Relies on: /proc/sys/kernel/random/boot_id; /proc/self/sessionid, which is the audit session that
 * the helper inherits from sshd (proc(5)); 4294967295 means none.
 */

#include "session/onesession.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "net/process.h"
#include "session/subflows.h"
#include "store/fields.h"
#include "store/statelock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#define SESSION_PROC_MAX 256
#define SESSION_LINE_MAX 2048

/**
 * session_report_line() - tell whoever runs this something
 * @context:    has the listener
 * @priority:   of syslog(3)
 * @format:     as printf has it; hostile bytes in the arguments are escaped
 */
void session_report_line(const struct session_context *context, int priority, const char *format,
                         ...) {
        char text[SESSION_LINE_MAX], line[TEXT_ESCAPE_MAX(SESSION_LINE_MAX)];
        va_list arguments;

        va_start(arguments, format);
        (void)vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        text_to_line(text, line, sizeof(line));
        context->report(context->context, priority, line);
}

/* What others may write into the state folder would become records: not even an admin wants that.
 */
static void session_guard_folder(const struct session_context *context, int folder_fd) {
        struct stat st;

        if (fstat(folder_fd, &st) < 0 || (st.st_uid == geteuid() && !(st.st_mode & 022)))
                return;
        if (st.st_uid == geteuid() && !fchmod(folder_fd, 0700))
                session_report_line(context, LOG_WARNING,
                                    "others could write to the state folder %s (mode %o): not any "
                                    "more",
                                    context->settings->state_dir, (unsigned int)st.st_mode & 07777);
        else
                session_report_line(context, LOG_ERR,
                                    "others can write to the state folder %s (user %u, mode %o)",
                                    context->settings->state_dir, (unsigned int)st.st_uid,
                                    (unsigned int)st.st_mode & 07777);
}

/**
 * session_folder() - open the state folder
 * @context:    names it
 * @ret_fd:     the folder
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int session_folder(const struct session_context *context, int *ret_fd) {
        const char *path = context->settings->state_dir;
        int r;

        r = state_folder_open(path, ret_fd);
        if (r < 0)
                session_report_line(context, LOG_ERR, "cannot open the state folder %s: %s", path,
                                    strerror(-r));
        else
                session_guard_folder(context, *ret_fd);
        return r;
}

/**
 * session_begin() - lock a session
 * @session:    SESSION_INIT; to be given to session_end() whatever is returned
 * @context:    the settings and the listeners; must outlive @session
 * @folder_fd:  the state folder; must outlive @session
 * @sources:    the ways to its counters; must outlive @session
 * @id:         the session id, valid
 * @patience:   how long to wait for whoever works on the session, microseconds
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int session_begin(struct session *session, const struct session_context *context, int folder_fd,
                  struct sources *sources, const char *id, uint64_t patience) {
        session->context = context;
        session->folder_fd = folder_fd;
        session->sources = sources;
        return statelock_take_session(folder_fd, id, clock_now(CLOCK_MONOTONIC) + patience,
                                      &session->lock_fd);
}

/**
 * session_end() - give back what session_begin() took, and the state
 * @session:    the session
 */
void session_end(struct session *session) {
        session->state = state_free(session->state);
        session->lock_fd = fd_close(session->lock_fd);
}

/* The first line of a /proc file; the caller frees it. */
static int session_read_proc(const struct session_context *context, const char *path,
                             char **ret_text) {
        size_t size;
        int r;

        r = file_read_at(context->proc_fd, path, SESSION_PROC_MAX, ret_text, &size);
        if (r)
                return r < 0 ? r : -EFBIG;
        (*ret_text)[strcspn(*ret_text, "\n")] = '\0';
        return 0;
}

/**
 * session_pid_started() - tell when a process began
 * @context:    has /proc
 * @pid:        the process
 *
 * Return: clock ticks after boot, or FIELD_UNKNOWN if there is no such process.
 */
int64_t session_pid_started(const struct session_context *context, pid_t pid) {
        _cleanup_(process_closep) struct process process = PROCESS_NULL;

        if (process_open(context->proc_fd, pid, &process))
                return FIELD_UNKNOWN;
        return (int64_t)process.stat.start;
}

/* The inode of the network namespace in which this runs, namespaces(7). */
static int64_t session_netns(const struct session_context *context) {
        struct stat status;

        return fstatat(context->proc_fd, "self/ns/net", &status, 0) < 0 ? FIELD_UNKNOWN
                                                                        : (int64_t)status.st_ino;
}

/**
 * session_is_here() - tell whether a session's connection can be seen from here
 * @session:    the session, with its state
 *
 * Return: false if it is in another network namespace: rules and conntrack are others there.
 */
bool session_is_here(const struct session *session) {
        const int64_t netns = session->state->netns;

        return netns == FIELD_UNKNOWN || netns == session_netns(session->context);
}

/**
 * session_boot_id() - tell which boot of the kernel this is
 * @context:            has /proc
 * @ret_boot_id:        the id; the caller frees it
 *
 * Return: 0, or a negative errno.
 */
int session_boot_id(const struct session_context *context, char **ret_boot_id) {
        return session_read_proc(context, "sys/kernel/random/boot_id", ret_boot_id);
}

/**
 * session_pid_lives() - tell whether the sshd process that opened a session is still there
 * @session:    the session, with its state
 *
 * Return: false also if another process has its number now.
 */
bool session_pid_lives(const struct session *session) {
        const struct state *state = session->state;
        int64_t started = session_pid_started(session->context, (pid_t)state->pid);

        return started != FIELD_UNKNOWN &&
               (state->pid_started == FIELD_UNKNOWN || state->pid_started == started);
}

/**
 * session_save() - write a session's state
 * @session:    the session
 * @sync:       whether it must outlast a power loss when this returns
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int session_save(struct session *session, bool sync) {
        int r = state_save(session->folder_fd, session->state, sync);

        if (r < 0)
                session_say(session, LOG_ERR, "session %s: cannot be recorded in %s: %s",
                            session->state->session, session->context->settings->state_dir,
                            strerror(-r));
        return r;
}

/**
 * session_describe() - make the state of a new session
 * @session:    gets the state
 * @request:    what the module said
 *
 * Return: 0, or a negative errno.
 */
int session_describe(struct session *session, const struct request *request) {
        _cleanup_(freep) char *audit = NULL;
        struct state *state;
        uint64_t number;
        int r;

        r = state_new(&session->state);
        if (r < 0)
                return r;
        state = session->state;

        state->opened_realtime = (int64_t)request->opened_realtime;
        state->opened_boottime = (int64_t)request->opened_boottime;
        state->pid = request->pid;
        state->inode = (int64_t)request->inode;
        if (request->cookie)
                state->cookie = (int64_t)request->cookie;
        if (request->interface)
                state->interface = (int64_t)request->interface - 1;
        /* a reap that takes what the module left may run in another one */
        if (!request->boot_id)
                state->netns = session_netns(session->context);
        subflows_begin(session, request);
        state->local = request->connection.local;
        state->remote = request->connection.remote;
        state->pid_started = session_pid_started(session->context, request->pid);
        state->excluded =
                settings_excluded(session->context->settings, &request->connection.remote.address);

        /* nor is that one's audit session the login's */
        if (!request->boot_id && !session_read_proc(session->context, "self/sessionid", &audit) &&
            !number_parse(audit, strlen(audit), 10, UINT32_MAX - 1, &number))
                state->audit_session = (int64_t)number;

        r = request->boot_id ? text_copy(&state->boot_id, request->boot_id)
                             : session_boot_id(session->context, &state->boot_id);
        if (!r)
                r = text_copy(&state->session, request->session);
        if (!r)
                r = text_copy(&state->service, request->service);
        if (!r)
                r = text_copy(&state->user, request->user);
        if (!r)
                r = text_copy(&state->rhost, request->rhost);
        if (!r)
                r = text_copy(&state->login_session, request->login_session);
        if (!r)
                r = text_copy(&state->auth_info, request->auth_info);
        return r;
}
