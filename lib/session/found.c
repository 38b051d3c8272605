/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Logins that have no state: their helper was killed, their state was deleted, or they began while
 * the module failed.
 *
 * Owns: which connections are taken for such a login. Candidates are the connections of sshd's
 * ports that are in no state. The reap looks at processes only if there are candidates; without any
 * it costs one question to the kernel for each port. A doubtful candidate is left alone. A monitor
 * of sshd (net/monitor.h) that has no other session must have the connection open, for a service
 * that is configured. It must have begun after that was configured, and must be older than any open
 * may take.
 * Relies on: the states that the reap has read; sighting.h.
 */

#include "session/found.h"

#include "base/clock.h"
#include "base/patience.h"
#include "netlink/sockdiag.h"
#include "reading/ownsocket.h"
#include "session/foundpam.h"
#include "session/foundrecord.h"
#include "store/fields.h"
#include "store/portstate.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

/* Where no port is known: no login was ever recorded. */
#define FOUND_PORT 22

static int found_compare_endpoints(const struct endpoint *a, const struct endpoint *b) {
        if (a->port != b->port)
                return a->port < b->port ? -1 : 1;
        if (a->address.family != b->address.family)
                return a->address.family < b->address.family ? -1 : 1;
        return memcmp(a->address.bytes, b->address.bytes, sizeof(a->address.bytes));
}

static int found_compare_connections(const struct connection *a, const struct connection *b) {
        int r = found_compare_endpoints(&a->remote, &b->remote);

        return r ? r : found_compare_endpoints(&a->local, &b->local);
}

static int found_compare_states(const void *a, const void *b) {
        const struct found_state *left = a, *right = b;

        return found_compare_connections(&left->connection, &right->connection);
}

/* Room for one more. False: there is none. */
static bool found_grow(void **items, size_t n, size_t *room, size_t size) {
        size_t more = *room ? *room * 2 : 64;
        void *longer;

        if (n < *room)
                return true;
        longer = reallocarray(*items, more, size);
        if (!longer)
                return false;
        *items = longer;
        *room = more;
        return true;
}

/**
 * found_note() - note a session that has a state
 * @found:      the run
 * @state:      its state
 */
void found_note(struct found *found, const struct state *state) {
        void *items = found->states;

        if (!found_grow(&items, found->n_states, &found->states_room, sizeof(*found->states))) {
                found->failed = true;
                return;
        }
        found->states = items;
        found->states[found->n_states++] = (struct found_state){
                .connection = { .local = state->local, .remote = state->remote },
                .cookie = state->cookie,
                .pid = state->pid,
                .pid_started = state->pid_started,
        };
}

/**
 * found_note_busy() - note a session on which somebody else works
 * @found:      the run
 * @id:         its id
 *
 * Its file is read without its lock: it is replaced as a whole.
 */
void found_note_busy(struct found *found, const char *id) {
        _cleanup_(state_freep) struct state *state = NULL;
        const char *field;

        if (!statefolder_load(found->folder_fd, id, &state, &field))
                found_note(found, state);
}

/**
 * found_clear() - end the run
 * @found:      the run
 */
void found_clear(struct found *found) {
        free(found->states);
        free(found->sockets);
        *found = (struct found)FOUND_INIT;
}

/* Whether a connection is that of a state. The next one with the same ends has another cookie. */
static bool found_has_state(const struct found *found, const struct sockdiag_entry *entry) {
        const struct found_state wanted = { .connection = entry->connection };
        const struct found_state *end = found->states + found->n_states, *at;

        if (!found->n_states)
                return false;
        at = bsearch(&wanted, found->states, found->n_states, sizeof(wanted), found_compare_states);
        if (!at)
                return false;
        while (at > found->states && !found_compare_states(at - 1, &wanted))
                at--;
        for (; at < end && !found_compare_states(at, &wanted); at++)
                if (at->cookie == FIELD_UNKNOWN || (uint64_t)at->cookie == entry->cookie)
                        return true;
        return false;
}

static int found_take(void *context, const struct sockdiag_entry *entry) {
        struct found *found = context;
        void *items = found->sockets;

        /* nobody has accepted it yet, or everybody has closed it; a monitor of sshd is root's */
        if (!entry->inode || entry->uid || found_has_state(found, entry) ||
            settings_excluded(found->context->settings, &entry->connection.remote.address))
                return 0;
        if (found->n_sockets == MONITOR_MOST) {
                found->cut = true;
                return 0;
        }
        if (!found_grow(&items, found->n_sockets, &found->sockets_room, sizeof(*found->sockets)))
                return -ENOMEM;
        found->sockets = items;
        found->sockets[found->n_sockets++] = (struct found_socket){
                .connection = entry->connection,
                .inode = entry->inode,
                .cookie = entry->cookie,
                .interface = entry->interface,
                .multipath = entry->multipath,
        };
        return 0;
}

/* All connections of the ports that sshd serves which have no state. */
static int found_walk(struct found *found) {
        const struct settings *settings = found->context->settings;
        struct sockdiag *sockdiag = ownsocket_sockdiag(found->sources);
        _cleanup_(freep) uint16_t *ports = NULL;
        uint16_t *longer;
        size_t n;
        int r;

        if (!sockdiag)
                return 0;
        r = portfolder_list(found->folder_fd, &ports, &n);
        if (r < 0)
                return r;
        longer = reallocarray(ports, n + settings->n_ports + 1, sizeof(*ports));
        if (!longer)
                return -ENOMEM;
        ports = longer;
        for (size_t i = 0; i < settings->n_ports; i++) {
                bool again = false;

                for (size_t j = 0; j < n && !again; j++)
                        again = ports[j] == settings->ports[i];
                if (!again)
                        ports[n++] = settings->ports[i];
        }
        if (!n)
                ports[n++] = FOUND_PORT;
        for (size_t i = 0; i < n && r >= 0; i++)
                r = sockdiag_walk(sockdiag, ports[i], found_take, found);
        return r < 0 ? r : 0;
}

/* Whether a monitor has a session already: what else it holds is not its login. */
static bool found_is_known(const struct found *found, const struct monitor *monitor) {
        for (size_t i = 0; i < found->n_states; i++) {
                const struct found_state *state = &found->states[i];

                if (state->pid == monitor->pid &&
                    (state->pid_started == FIELD_UNKNOWN ||
                     (uint64_t)state->pid_started == monitor->started))
                        return true;
        }
        return false;
}

static int found_compare_inodes(const void *a, const void *b) {
        const struct found_socket *left = a, *right = b;

        if (left->inode != right->inode)
                return left->inode > right->inode ? 1 : -1;
        return (left->cookie > right->cookie) - (left->cookie < right->cookie);
}

/* Leave one of several subflows of a connection, the first. */
static void found_join(struct found *found) {
        size_t kept = 0;

        qsort(found->sockets, found->n_sockets, sizeof(*found->sockets), found_compare_inodes);
        for (size_t i = 0; i < found->n_sockets; i++)
                if (!i || found->sockets[i].inode != found->sockets[kept - 1].inode)
                        found->sockets[kept++] = found->sockets[i];
        found->n_sockets = kept;
}

/* Leave those connections that are logins, begun since logins are accounted. */
static int found_judge(struct found *found, uint64_t since) {
        const struct session_context *context = found->context;
        _cleanup_(freep) struct monitor *monitors = NULL;
        _cleanup_(freep) uint64_t *inodes = NULL;
        size_t n = 0, kept = 0, at = 0;
        int r;

        inodes = calloc(found->n_sockets, sizeof(*inodes));
        monitors = calloc(MONITOR_MOST, sizeof(*monitors));
        if (!inodes || !monitors)
                return -ENOMEM;
        found_join(found);
        for (size_t i = 0; i < found->n_sockets; i++)
                inodes[i] = found->sockets[i].inode;
        r = context->monitors(context->looker, inodes, found->n_sockets, monitors, &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < found->n_sockets; i++) {
                struct found_socket *socket = &found->sockets[i];

                while (at < n && monitors[at].inode < socket->inode)
                        at++;
                if (at == n || monitors[at].inode != socket->inode ||
                    found_is_known(found, &monitors[at]))
                        continue;
                socket->monitor = monitors[at];
                if (foundrecord_began(socket, CLOCK_REALTIME) >= since)
                        found->sockets[kept++] = *socket;
        }
        found->n_sockets = kept;
        return 0;
}

/* Whether a connection was recorded under an id that its module does not know, and its close may
 * still come: the monitor is there, or the session is open, or that was so a while ago. */
static bool found_is_recorded(const struct found *found, uint64_t cookie) {
        int64_t now = (int64_t)clock_now(CLOCK_BOOTTIME);
        _cleanup_(state_freep) struct state *state = NULL;
        struct sighting sighting;
        const char *field;

        if (sighting_load(found->folder_fd, cookie, found->boot_id, &sighting) ||
            !*sighting.session)
                return false;
        if ((sighting.pid_started != FIELD_UNKNOWN &&
             context_pid_started(found->context, (pid_t)sighting.pid) == sighting.pid_started) ||
            statefolder_load(found->folder_fd, sighting.session, &state, &field) !=
                    STATE_E_NOT_FOUND)
                return true;
        if (sighting.ended_boottime == FIELD_UNKNOWN || sighting.ended_boottime > now) {
                sighting.ended_boottime = now;
                return !sighting_save(found->folder_fd, cookie, found->boot_id, &sighting);
        }
        return now - sighting.ended_boottime < FOUND_KEEP;
}

/* Forget what was seen and is no more. */
static void found_forget(const struct found *found) {
        _cleanup_(freep) uint64_t *cookies = NULL;
        size_t n;

        if (sighting_list(found->folder_fd, &cookies, &n) < 0)
                return;
        for (size_t i = 0; i < n; i++) {
                bool seen = false;

                for (size_t j = 0; j < found->n_sockets && !seen; j++)
                        seen = found->sockets[j].cookie == cookies[i];
                if (!seen && !found_is_recorded(found, cookies[i]))
                        (void)sighting_take(found->folder_fd, cookies[i]);
        }
}

/* See a login without a state. Return: 0, or a negative errno. */
static int found_see(const struct found *found, struct found_socket *socket) {
        int64_t now = (int64_t)clock_now(CLOCK_BOOTTIME);
        struct sighting *sighting = &socket->sighting;
        int r;

        r = sighting_load(found->folder_fd, socket->cookie, found->boot_id, sighting);
        if (r < 0)
                return r;
        if (r || sighting->first_boottime > now) {
                *sighting = (struct sighting){
                        .first_boottime = now,
                        .pid = socket->monitor.pid,
                        .pid_started = (int64_t)socket->monitor.started,
                        .ended_boottime = FIELD_UNKNOWN,
                };
                return sighting_save(found->folder_fd, socket->cookie, found->boot_id, sighting);
        }
        socket->due = now - sighting->first_boottime >= FOUND_GRACE;
        return 0;
}

/* Return: how many of those that are due could not be recorded. */
static unsigned int found_record_all(struct found *found, int *ret_error) {
        unsigned int failures = 0, due = 0;
        int r;

        for (size_t i = 0; i < found->n_sockets; i++)
                due += found->sockets[i].due;
        if (!due)
                return 0;
        r = foundrecord_look_up(found);
        if (r < 0) {
                *ret_error = r;
                return due;
        }
        for (size_t i = 0; i < found->n_sockets; i++) {
                struct found_socket *socket = &found->sockets[i];

                if (!socket->due || sighting_take(found->folder_fd, socket->cookie))
                        continue;
                r = foundrecord_write(found, socket);
                if (r < 0) {
                        *ret_error = r;
                        failures++;
                }
        }
        return failures;
}

/**
 * found_finish() - look for logins that have no state, and record them
 * @found:      the run, with all states
 *
 * Return: how many could not be recorded, which has been reported.
 */
unsigned int found_finish(struct found *found) {
        unsigned int failures = 0;
        uint64_t since;
        int r, error = 0;

        if (!found->context->monitors || found->failed)
                return 0;
        if (found->n_states)
                qsort(found->states, found->n_states, sizeof(*found->states), found_compare_states);
        r = found_walk(found);
        if (!r && found->n_sockets) {
                if (foundpam_since(found->folder_fd, found->context->config, &since))
                        found->n_sockets = 0; /* no login comes to the module */
                else
                        r = found_judge(found, since);
        }
        if (r < 0) {
                context_report(found->context, LOG_WARNING,
                               "cannot look for logins without a record: %s", strerror(-r));
                return 0;
        }
        if (found->cut)
                context_report(found->context, LOG_WARNING,
                               "logins without a record: more than %d connections of sshd's "
                               "ports have no state; not all of them were looked at",
                               MONITOR_MOST);
        found_forget(found);
        for (size_t i = 0; i < found->n_sockets; i++) {
                r = found_see(found, &found->sockets[i]);
                if (r < 0) {
                        error = r;
                        failures++;
                }
        }
        failures += found_record_all(found, &error);
        if (failures)
                context_report(found->context, LOG_ERR,
                               "logins without a record: %u cannot be recorded now; the next "
                               "pam_traffic_helper reap will try again: %s",
                               failures, strerror(-error));
        return failures;
}
