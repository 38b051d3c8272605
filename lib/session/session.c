/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One session being worked on.
 *
 * Owns: taking and giving back what open and close both need; what a request and the kernel say
 * about a session, as its state.
 * Relies on: /proc/sys/kernel/random/boot_id; /proc/self/sessionid (the audit session, which the
 * helper has from sshd; proc(5)), 4294967295 for none.
 */

#include "session/session.h"

#include "pam_traffic/clock.h"
#include "pam_traffic/file.h"
#include "pam_traffic/number.h"
#include "pam_traffic/text.h"
#include "store/authinfo.h"
#include "store/fields.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
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

/**
 * session_begin() - open the state folder, lock the session, open conntrack
 * @session:    SESSION_INIT; to be given to session_end() whatever is returned
 * @context:    the settings and the listeners; must outlive @session
 * @id:         the session id, valid
 * @patience:   how long to wait for whoever works on the session, microseconds
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int session_begin(struct session *session, const struct session_context *context, const char *id,
                  uint64_t patience) {
        const char *path = context->settings->state_dir;
        int r;

        session->context = context;
        r = state_folder_open(path, &session->folder_fd);
        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: cannot open the state folder %s: %s", id,
                            path, strerror(-r));
                return r;
        }
        r = state_lock(session->folder_fd, id, clock_now(CLOCK_MONOTONIC) + patience,
                       &session->lock_fd);
        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: cannot lock it in %s: %s", id, path,
                            strerror(-r));
                return r;
        }

        r = conntrack_new(&session->conntrack);
        if (r)
                session->conntrack = NULL; /* readings then say "not known" */
        return 0;
}

/**
 * session_end() - give back what session_begin() took
 * @session:    the session
 */
void session_end(struct session *session) {
        session->backend = backend_free(session->backend);
        session->conntrack = conntrack_free(session->conntrack);
        session->state = state_free(session->state);
        session->lock_fd = fd_close(session->lock_fd);
        session->folder_fd = fd_close(session->folder_fd);
}

/* The first line of a /proc file; the caller frees it. */
static int session_read_proc(const struct session *session, const char *path, char **ret_text) {
        size_t size;
        int r;

        r = file_read_at(session->context->proc_fd, path, SESSION_PROC_MAX, ret_text, &size);
        if (r)
                return r < 0 ? r : -EFBIG;
        (*ret_text)[strcspn(*ret_text, "\n")] = '\0';
        return 0;
}

static int session_copy(char **destination, const char *text) {
        if (!text)
                return 0;
        *destination = strdup(text);
        return *destination ? 0 : -ENOMEM;
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
        struct authinfo auth = { 0 };
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
        state->local = request->connection.local;
        state->remote = request->connection.remote;
        state->info = request->info;
        state->excluded =
                settings_excluded(session->context->settings, &request->connection.remote.address);

        if (!session_read_proc(session, "self/sessionid", &audit) &&
            !number_parse(audit, strlen(audit), 10, UINT32_MAX - 1, &number))
                state->audit_session = (int64_t)number;

        r = session_read_proc(session, "sys/kernel/random/boot_id", &state->boot_id);
        if (!r)
                r = session_copy(&state->session, request->session);
        if (!r)
                r = session_copy(&state->service, request->service);
        if (!r)
                r = session_copy(&state->user, request->user);
        if (!r)
                r = session_copy(&state->rhost, request->rhost);
        if (!r)
                r = session_copy(&state->login_session, request->login_session);
        if (!r)
                r = authinfo_parse(request->auth_info, &auth);
        state->auth_method = auth.method;
        state->auth_key = auth.key;
        return r;
}

/**
 * session_connection() - the connection of a session
 * @session:    the session, with its state
 *
 * Return: the four-tuple as the socket has it.
 */
struct connection session_connection(const struct session *session) {
        return (struct connection){ .local = session->state->local,
                                    .remote = session->state->remote };
}

/**
 * session_conntrack() - look up the session's connection in conntrack
 * @session:    the session, with its state
 * @ret_entry:  the entry
 *
 * Return: 0, CONNTRACK_E_NOT_FOUND, CONNTRACK_E_UNAVAILABLE, or a negative errno.
 */
int session_conntrack(struct session *session, struct conntrack_entry *ret_entry) {
        struct connection connection = session_connection(session);

        if (!session->conntrack)
                return CONNTRACK_E_UNAVAILABLE;
        return conntrack_get(session->conntrack, &connection, ret_entry);
}
