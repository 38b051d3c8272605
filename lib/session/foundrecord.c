/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Recording a login that was found without a state.
 *
 * Owns: which session the login belongs to. If the log has records of the login, its session goes
 * on with the next number; if one of them is a stop record, nothing is done. Otherwise the login
 * gets a new id, which is noted in its sighting. The module's close knows another id; it finds the
 * new one by the socket's cookie.
 * Relies on: only one process can take a sighting (sighting.h).
 */

#include "session/foundrecord.h"
#include "base/clock.h"
#include "net/multipath.h"
#include "reading/ownsocket.h"
#include "reading/sources.h"
#include "session/counting.h"
#include "session/foundpam.h"
#include "session/open.h"
#include "session/start.h"
#include "store/fields.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define FOUND_PASSWD_ROOM 65536
#define FOUND_USER_MAX 256

/**
 * foundrecord_began() - tell when the process of a login began
 * @socket:     the login
 * @clock:      CLOCK_REALTIME or CLOCK_BOOTTIME
 *
 * Return: the moment, microseconds of that clock as it goes now.
 */
uint64_t foundrecord_began(const struct found_socket *socket, clockid_t clock) {
        long ticks = sysconf(_SC_CLK_TCK);
        uint64_t boottime = clock_now(CLOCK_BOOTTIME);
        uint64_t began =
                socket->monitor.started * CLOCK_SECOND / (uint64_t)(ticks > 0 ? ticks : 100);
        uint64_t age = began < boottime ? boottime - began : 0;
        uint64_t now = clock_now(clock);

        return age < now ? now - age : 0;
}

static bool foundrecord_is_end(const char *address, int64_t port, const struct endpoint *end) {
        char text[ADDRESS_TEXT_MAX];

        if (!address || port != end->port)
                return false;
        address_format(&end->address, text);
        return !strcmp(address, text);
}

/* The login of a record: the same process with the same connection, in the same boot. */
static size_t foundrecord_which(const struct record *record, const void *context) {
        const struct found *found = context;

        for (size_t i = 0; i < found->n_sockets; i++) {
                const struct found_socket *socket = &found->sockets[i];

                if (socket->due && record->pid == socket->monitor.pid && record->boot_id &&
                    !strcmp(record->boot_id, found->boot_id) &&
                    foundrecord_is_end(record->remote_addr, record->remote_port,
                                       &socket->connection.remote) &&
                    foundrecord_is_end(record->local_addr, record->local_port,
                                       &socket->connection.local))
                        return i;
        }
        return found->n_sockets;
}

/**
 * foundrecord_look_up() - look for the records of the logins that are due
 * @found:      the run; they get it
 *
 * Return: 0, or a negative errno.
 */
int foundrecord_look_up(struct found *found) {
        _cleanup_(freep) struct loglast_end *lasts = calloc(found->n_sockets, sizeof(*lasts));
        int r;

        if (!lasts)
                return -ENOMEM;
        r = loglast_find(found->context->settings->log_file, foundrecord_which, found, lasts,
                         found->n_sockets);
        for (size_t i = 0; !r && i < found->n_sockets; i++)
                found->sockets[i].last = lasts[i];
        return r;
}

/* The user's name, or his number where nobody knows it. */
static void foundrecord_user(uint32_t uid, char name[static FOUND_USER_MAX]) {
        _cleanup_(freep) char *room = malloc(FOUND_PASSWD_ROOM);
        struct passwd passwd, *entry = NULL;

        if (!room || getpwuid_r(uid, &passwd, room, FOUND_PASSWD_ROOM, &entry) || !entry)
                (void)snprintf(name, FOUND_USER_MAX, "%u", uid);
        else
                (void)snprintf(name, FOUND_USER_MAX, "%s", entry->pw_name);
}

static void foundrecord_request(const struct found_socket *socket, const char *user,
                                const char *rhost, struct request *ret_request) {
        *ret_request = (struct request){
                .opened_realtime = foundrecord_began(socket, CLOCK_REALTIME),
                .opened_boottime = foundrecord_began(socket, CLOCK_BOOTTIME),
                .pid = socket->monitor.pid,
                .connection = socket->connection,
                .inode = socket->inode,
                .cookie = socket->cookie <= INT64_MAX ? socket->cookie : 0,
                .interface = socket->interface + 1,
                .multipath = socket->multipath ? MULTIPATH_OTHERS : MULTIPATH_NONE,
                .service = FOUNDPAM_SERVICE,
                .user = user,
                .rhost = rhost,
        };
}

/* Return: 0, 1 if its connection is over, or a negative errno. */
static int foundrecord_count(struct session *session, const struct found_socket *socket,
                             const struct request *request, const struct loglast_end *last) {
        struct sockdiag_socket own;
        int r;

        r = onesession_describe(session, request);
        if (r < 0)
                return r;
        session->state->audit_session = socket->monitor.audit_session;
        if (last) {
                session->state->uid = socket->monitor.loginuid;
                session->state->seq = last->seq + 1;
                session->state->reported = last->total;
                session->state->kinds = last->kinds;
                session->state->reported_boottime = (int64_t)clock_now(CLOCK_BOOTTIME);
        }
        if (ownsocket_get(session, &own))
                return 1;
        r = open_record(session, session->sources->conntrack, &own.info, OPEN_FOUND);
        if (r < 0)
                return r;
        (void)(last ? counting_start(session) : start_session(session));
        return last ? onesession_save(session, false) : 0;
}

/* Whether there is a state by now: the reap listed them when it began, and its module may have come
 * since. */
static bool foundrecord_has_come(const struct found *found, const struct found_socket *socket) {
        _cleanup_(freep) char(*sessions)[UUID_TEXT_MAX] = NULL;
        size_t n;

        if (statefolder_list(found->folder_fd, &sessions, &n) < 0)
                return true; /* the next reap will know */
        for (size_t i = 0; i < n; i++) {
                _cleanup_(state_freep) struct state *state = NULL;
                const char *field;

                if (!statefolder_load(found->folder_fd, sessions[i], &state, &field) &&
                    state->pid == socket->monitor.pid &&
                    state->pid_started == (int64_t)socket->monitor.started)
                        return true;
        }
        return false;
}

/**
 * foundrecord_write() - record a login that has no state, and count it from now on
 * @found:      the run
 * @socket:     the login, of which the sighting was taken; gets its id
 *
 * Return: 0, also if it is over; or a negative errno.
 */
int foundrecord_write(const struct found *found, struct found_socket *socket) {
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        char user[FOUND_USER_MAX], rhost[ADDRESS_TEXT_MAX];
        bool goes_on = socket->last.seq >= 0;
        struct request request;
        const char *field;
        int r;

        if ((goes_on && socket->last.stopped) || (!goes_on && foundrecord_has_come(found, socket)))
                return 0;
        foundrecord_user(socket->monitor.loginuid, user);
        address_format(&socket->connection.remote.address, rhost);
        foundrecord_request(socket, user, rhost, &request);
        if (goes_on) {
                memcpy(request.session, socket->last.session, sizeof(request.session));
        } else {
                r = uuid_new(request.opened_realtime, request.session);
                if (r < 0)
                        return r;
                memcpy(socket->sighting.session, request.session, sizeof(request.session));
                r = sighting_save(found->folder_fd, socket->cookie, found->boot_id,
                                  &socket->sighting);
                if (r < 0)
                        return r;
        }

        r = onesession_begin(&session, found->context, found->folder_fd, found->sources,
                             request.session, 0);
        if (!r)
                r = statefolder_load(found->folder_fd, request.session, &session.state, &field);
        if (!r || r == STATE_E_INVALID)
                return 0; /* another process has put it back */
        if (r == STATE_E_NOT_FOUND)
                r = foundrecord_count(&session, socket, &request, goes_on ? &socket->last : NULL);
        if (r)
                return r == -ETIMEDOUT || r > 0 ? 0 : r;
        session_say(&session, LOG_WARNING,
                    "session %s: found without a %s: user %s from %s port %u; %s; counted from now "
                    "on",
                    request.session, goes_on ? "state" : "record", user, rhost,
                    request.connection.remote.port,
                    goes_on ? "its state was deleted or damaged"
                            : "its helper was killed, or the module failed");
        return 0;
}
