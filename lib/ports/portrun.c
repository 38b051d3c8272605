/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One run over local ports.
 *
 * Owns: which ports there are (those that the state folder remembers, those of the configuration,
 * and those that a login has begun to count), and when an account begins and ends: a new one begins
 * at each boot, and when another backend counts.
 * Relies on: one lock for all ports (STATELOCK_PORTS).
 */

#include "ports/portrun.h"

#include "account/portaccount.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "netfilter/changes.h"
#include "ports/portledger.h"
#include "reading/sources.h"
#include "store/log.h"
#include "store/statelock.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

/**
 * portrun_begin() - lock the ports
 * @run:        PORTRUN_INIT; to be given to portrun_end() whatever is returned
 * @context:    the settings and the listener; must outlive @run
 * @folder_fd:  the state folder; must outlive @run
 * @patience:   how long to wait for whoever works on ports, microseconds; 0: not at all, silently
 *
 * Return: 0, -ETIMEDOUT, or another negative errno, which has been reported.
 */
int portrun_begin(struct portrun *run, const struct session_context *context, int folder_fd,
                  uint64_t patience) {
        int r;

        run->context = context;
        run->folder_fd = folder_fd;
        r = context_boot_id(context, &run->boot_id);
        if (!r)
                r = statelock_take(folder_fd, STATELOCK_PORTS,
                                   clock_now(CLOCK_MONOTONIC) + patience, &run->lock_fd);
        if (r < 0 && (r != -ETIMEDOUT || patience))
                context_report(context, LOG_ERR, "cannot read the counters of the ports: %s",
                               statelock_reason(r));
        return r;
}

/**
 * portrun_end() - give back what portrun_begin() took
 * @run:        the run
 */
void portrun_end(struct portrun *run) {
        free(run->boot_id);
        run->boot_id = NULL;
        run->lock_fd = fd_close(run->lock_fd);
}

static int portrun_compare(const void *a, const void *b) {
        return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* All ports, each once. */
static int portrun_list(const struct portrun *run, uint16_t **ret_list, size_t *ret_n) {
        const struct settings *settings = run->context->settings;
        const struct backend_port *counted = NULL;
        _cleanup_(freep) uint16_t *list = NULL;
        size_t n, n_counted = 0, kept = 0;
        uint16_t *longer;
        int r;

        r = portfolder_list(run->folder_fd, &list, &n);
        if (r < 0)
                return r;
        if (run->snapshot)
                counted = snapshot_ports(run->snapshot, &n_counted);
        longer = reallocarray(list, n + settings->n_ports + n_counted + 1, sizeof(*list));
        if (!longer)
                return -ENOMEM;
        list = longer;
        for (size_t i = 0; i < settings->n_ports; i++)
                list[n++] = settings->ports[i];
        for (size_t i = 0; i < n_counted; i++)
                list[n++] = counted[i].port;

        qsort(list, n, sizeof(*list), portrun_compare);
        for (size_t i = 0; i < n; i++)
                if (!kept || list[i] != list[kept - 1])
                        list[kept++] = list[i];
        *ret_list = pointer_steal(&list);
        *ret_n = kept;
        return 0;
}

/**
 * portrun_each() - do something with each port
 * @run:        the run
 * @work:       returns a negative errno, which it has reported, if it failed
 *
 * Return: how many times it failed.
 */
unsigned int portrun_each(struct portrun *run, int (*work)(struct portrun *run, uint16_t port)) {
        _cleanup_(freep) uint16_t *list = NULL;
        unsigned int failures = 0;
        size_t n;
        int r;

        r = portrun_list(run, &list, &n);
        if (r < 0) {
                context_report(run->context, LOG_ERR, "cannot list the ports in %s: %s",
                               run->context->settings->state_dir, strerror(-r));
                return 1;
        }
        for (size_t i = 0; i < n; i++)
                if (work(run, list[i]) < 0)
                        failures++;
        return failures;
}

/**
 * portrun_load() - read what is known of a port
 * @run:        the run
 * @port:       the port
 * @ret_state:  the state; a new one without an account if nothing is known
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int portrun_load(const struct portrun *run, uint16_t port, struct portstate **ret_state) {
        const char *field;
        int r = portfolder_load(run->folder_fd, port, ret_state, &field);

        if (r == STATE_E_INVALID) {
                context_report(run->context, LOG_ERR,
                               "port %u: its state file is damaged (%s) and was moved to "
                               "%s/ports/%u.json.damaged; its counters begin at 0 again",
                               port, field, run->context->settings->state_dir, port);
                r = portfolder_set_aside(run->folder_fd, port);
                if (!r)
                        r = portstate_new(port, ret_state);
                if (!r)
                        (*ret_state)->whole = false;
        } else if (r == STATE_E_NOT_FOUND) {
                r = portstate_new(port, ret_state);
        }
        if (r < 0)
                context_report(run->context, LOG_ERR, "port %u: its state cannot be read: %s", port,
                               strerror(-r));
        return r;
}

/**
 * portrun_record() - make the next record of an account, which is then pending
 * @run:        the run
 * @state:      the account
 * @realtime:   the moment it speaks of, microseconds
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int portrun_record(const struct portrun *run, struct portstate *state, uint64_t realtime) {
        int r = portledger_make(run->context, state, realtime);

        if (r < 0)
                context_report(run->context, LOG_ERR, "port %u: its record cannot be made: %s",
                               (unsigned int)state->local_port, strerror(-r));
        return r;
}

/**
 * portrun_close() - end an account, and remember the port
 * @run:        the run
 * @state:      the account; its last record is pending then, if there was anything to tell
 * @realtime:   the moment of its end, microseconds
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int portrun_close(const struct portrun *run, struct portstate *state, uint64_t realtime) {
        int r = portaccount_moved(state) ? portrun_record(run, state, realtime) : 0;

        if (!r)
                portstate_end(state);
        return r;
}

/* The state of an account of an earlier boot that is older than the last one: the log has what that
 * one had told. */
static int portrun_catch_up(const struct portrun *run, struct portstate *state) {
        struct loglast_end last;
        int r;

        if (!portfolder_is_outdated(run->folder_fd, (uint16_t)state->local_port))
                return 0;
        r = loglast_find(run->context->settings->log_file, loglast_session, state->session, &last,
                         1);
        if (r < 0)
                context_report(run->context, LOG_ERR, "port %u: the log cannot be read: %s",
                               (unsigned int)state->local_port, strerror(-r));
        if (r < 0 || last.seq < state->seq)
                return r;
        state->seq = last.seq + 1;
        state->reported = state->total = last.total;
        return 0;
}

/**
 * portrun_is_open() - tell whether a port has an account of this boot and this backend
 * @run:        the run, with a backend
 * @state:      the port
 *
 * Return: true if so.
 */
bool portrun_is_open(const struct portrun *run, const struct portstate *state) {
        return state->session && !strcmp(state->boot_id, run->boot_id) &&
               !strcmp(state->backend, run->backend->operations->name);
}

/**
 * portrun_open() - have an account of this boot and this backend
 * @run:        the run, with a backend
 * @state:      the port; an earlier account of it ends with what was last seen, which is not all
 *
 * Return: 0; 1 if it is a new one; or a negative errno, which has been reported.
 */
int portrun_open(const struct portrun *run, struct portstate *state) {
        const char *backend = run->backend->operations->name;
        char session[UUID_TEXT_MAX];
        int r;

        if (portrun_is_open(run, state))
                return 0;
        if (state->session) {
                r = portrun_catch_up(run, state);
                if (r < 0)
                        return r;
                /* of one that never saw anything there is nothing to tell */
                state->whole = !state->seq && !portaccount_moved(state);
                r = portrun_close(run, state, (uint64_t)state->seen_realtime);
                if (r < 0)
                        return r;
        }

        r = uuid_new(clock_now(CLOCK_REALTIME), session);
        if (!r)
                r = portstate_begin(state, session, run->boot_id, backend);
        if (r < 0) {
                context_report(run->context, LOG_ERR, "port %u: cannot begin to count it: %s",
                               (unsigned int)state->local_port, strerror(-r));
                return r;
        }
        portrun_seen(state, 0);
        return 1;
}

/**
 * portrun_seen() - note when an account was brought up to date
 * @state:      the account
 * @boottime:   when its counters were read, or made
 */
void portrun_seen(struct portstate *state, uint64_t boottime) {
        state->seen_boottime = (int64_t)boottime;
        state->seen_realtime = (int64_t)clock_now(CLOCK_REALTIME);
}

/**
 * portrun_update() - take the snapshot into an account
 * @run:        the run, with a snapshot
 * @state:      the account; one that knows more already stays as it is: a login or another reap was
 *              faster
 *
 * Return: whether the account is another one than before.
 */
bool portrun_update(const struct portrun *run, struct portstate *state) {
        const struct backend_port *port;
        bool was_whole = state->whole;
        unsigned int findings;

        if (run->snapshot_boottime <= (uint64_t)state->seen_boottime)
                return false;
        port = snapshot_port(run->snapshot, (uint16_t)state->local_port);
        findings = portaccount_update(state, port ? port->counters : NULL);
        /* where the base was not whole, counters that are there may not have been reached */
        if (run->disturbed && state->seen_boottime)
                state->whole = false;
        if (was_whole && !state->whole)
                context_report(run->context, LOG_WARNING,
                               "port %u: its rules were %s; its next record is marked "
                               "incomplete",
                               (unsigned int)state->local_port,
                               findings & PORTACCOUNT_MISSED ? "flushed or zeroed"
                                                             : "not readable for a while");
        if (!findings && was_whole == state->whole)
                return false;
        portrun_seen(state, run->snapshot_boottime);
        return true;
}

/**
 * portrun_count() - make the port's counters where they are missing
 * @run:        the run, with a backend; counters that its snapshot has, if it has one, are there
 * @state:      the account
 *
 * Return: 0; 1 if some were missing; or a negative errno, which has been reported.
 */
int portrun_count(const struct portrun *run, struct portstate *state) {
        const struct backend_port *port = NULL;
        struct backend_made made = { 0 };
        unsigned int missing = 1;
        int r;

        if (run->snapshot) {
                port = snapshot_port(run->snapshot, (uint16_t)state->local_port);
                missing = snapshot_counters(run->snapshot);
        }
        for (size_t i = 0; port && i < PORT_COUNTERS; i++)
                if (port->counters[i].known)
                        missing &= ~(1U << i);
        if (!missing)
                return 0;

        r = run->backend->changes->count_port(run->backend, (uint16_t)state->local_port,
                                              run->deadline, &made);
        if (r) {
                context_report(run->context, LOG_WARNING,
                               "port %u: its traffic cannot be counted (backend %s): %s",
                               (unsigned int)state->local_port, run->backend->operations->name,
                               sourceswait_reason(r));
                return r < 0 ? r : -EIO;
        }
        if (!made.ports)
                return 0;
        portaccount_made(state, made.ports);
        portrun_seen(state, clock_now(CLOCK_BOOTTIME));
        return 1;
}
