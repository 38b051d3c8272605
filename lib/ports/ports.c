/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * All traffic of local ports, with sessions or without: failed logins and scanners, too.
 *
 * Owns: when the counters are read, and when a record is written: by a reap, if something has moved
 * since the previous record, at most every interim_interval. The counters are made by setup, by a
 * reap, or together with the rules of the first login on a port. No login waits for that; the
 * login's helper only notes that the counters begin at 0.
 */

#include "ports/ports.h"

#include "account/portaccount.h"
#include "base/clock.h"
#include "base/patience.h"
#include "ports/portledger.h"
#include "ports/portrun.h"
#include "reading/sources.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

/* After so many times of its interval, the record of a port waits for no session any more. */
#define PORTS_LATE 3

/* Since how many times of its interval a port has had no record: at 1 it is time for one. */
static int64_t ports_waits(const struct portrun *run, const struct portstate *state) {
        uint64_t interval = run->context->settings->interim_interval;
        int64_t now = (int64_t)clock_now(CLOCK_BOOTTIME);

        if (!portrun_is_open(run, state) || !state->seq)
                return 1;
        return (now - state->reported_boottime) / (int64_t)(interval ? interval : PORTS_INTERVAL);
}

/* Give a run the snapshot that a reap has taken. Return: false: it has none. */
static bool ports_take_snapshot(struct portrun *run, struct sources *sources) {
        struct sources_backend *place;

        if (sources_backend(sources, run->context->settings->backend, &place) || !place->snapshot)
                return false;
        run->backend = place->backend;
        run->snapshot = place->snapshot;
        run->snapshot_boottime = place->snapshot_boottime;
        run->disturbed = place->made;
        run->deadline = sourceswait_deadline(sources);
        return true;
}

static int ports_look_one(struct portrun *run, uint16_t port) {
        _cleanup_(portstate_freep) struct portstate *state = NULL;
        uint64_t bit = UINT64_C(1) << (port % 64);
        int64_t waits = 1;
        const char *field;

        /* one that cannot be read begins anew */
        if (!portfolder_load(run->folder_fd, port, &state, &field))
                waits = ports_waits(run, state);
        if (waits >= 1)
                run->due->of[port / 64] |= bit;
        /* if no interim records are wanted, it does wait */
        if (waits >= PORTS_LATE && run->context->settings->interim_interval)
                run->due->late[port / 64] |= bit;
        return 0;
}

/**
 * ports_look() - tell for which ports a reap is to write a record
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @sources:    with a snapshot of the configured backend; without one there is none
 * @ret_due:    these ports
 *
 * It is asked first, without a lock: what the port's sessions have moved at the moment of the
 * snapshot has to be in the log, too.
 */
void ports_look(const struct session_context *context, int folder_fd, struct sources *sources,
                struct ports_due *ret_due) {
        struct portrun run = { .context = context, .folder_fd = folder_fd, .lock_fd = -1 };

        *ret_due = (struct ports_due){ .of = { 0 } };
        run.due = ret_due;
        if (ports_take_snapshot(&run, sources) && !context_boot_id(context, &run.boot_id))
                (void)portrun_each(&run, ports_look_one);
        portrun_end(&run);
}

static int ports_reap_one(struct portrun *run, uint16_t port) {
        _cleanup_(portstate_freep) struct portstate *state = NULL;
        int r, settled, opened, made;
        bool changed;

        r = portrun_load(run, port, &state);
        if (r < 0)
                return r;
        opened = portrun_open(run, state);
        if (opened < 0)
                return opened;
        settled = portledger_settle(run->context, run->folder_fd, state);

        changed = portrun_update(run, state);
        made = portrun_count(run, state);
        /* while the log cannot be written, one record that waits is enough */
        if (ports_has(run->due, port) && !state->pending.lines && portaccount_moved(state)) {
                r = portrun_record(run, state, clock_now(CLOCK_REALTIME));
                if (!r)
                        r = portledger_write(run->context, run->folder_fd, state);
        } else if (opened || changed || made > 0) {
                /* an idle port is not written again and again */
                r = portledger_save(run->context, run->folder_fd, state, false);
        }
        return r < 0 ? r : made < 0 ? made : settled;
}

/**
 * ports_reap() - bring the accounts up to date, and write the records that are due
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @sources:    with the snapshot of ports_look(); without one nothing is done
 * @due:        the ports of which a record is to be written, if they have moved anything
 *
 * Where somebody else looks at the ports just now, nothing is done either.
 *
 * Return: for how many ports something was left undone, which has been reported.
 */
unsigned int ports_reap(const struct session_context *context, int folder_fd,
                        struct sources *sources, struct ports_due *due) {
        _cleanup_(portrun_end) struct portrun run = PORTRUN_INIT;
        int r;

        run.context = context;
        run.due = due;
        if (!ports_take_snapshot(&run, sources))
                return 0;
        r = portrun_begin(&run, context, folder_fd, 0);
        if (r < 0)
                return r != -ETIMEDOUT;
        return portrun_each(&run, ports_reap_one);
}

/* Do something with each port, where no reap does. */
static int ports_run(const struct session_context *context, int folder_fd, struct backend *backend,
                     uint64_t deadline, int (*work)(struct portrun *run, uint16_t port)) {
        _cleanup_(portrun_end) struct portrun run = PORTRUN_INIT;
        int r;

        r = portrun_begin(&run, context, folder_fd, PORTS_PATIENCE);
        if (r < 0)
                return r;
        run.backend = backend;
        run.deadline = deadline;
        return portrun_each(&run, work) ? -EIO : 0;
}

/* The log may not be writable yet: the record of an earlier account stays pending until a reap. */
static int ports_setup_one(struct portrun *run, uint16_t port) {
        _cleanup_(portstate_freep) struct portstate *state = NULL;
        int r;

        r = portrun_load(run, port, &state);
        if (!r)
                r = portrun_open(run, state);
        if (r >= 0)
                r = portrun_count(run, state);
        return r <= 0 ? r : portledger_save(run->context, run->folder_fd, state, true);
}

/**
 * ports_setup() - count what the known and the configured ports move
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @backend:    the backend, with its base
 * @deadline:   how long to wait for the tables, CLOCK_MONOTONIC in microseconds
 *
 * Return: 0, or a negative errno if one cannot be counted, which has been reported.
 */
int ports_setup(const struct session_context *context, int folder_fd, struct backend *backend,
                uint64_t deadline) {
        return ports_run(context, folder_fd, backend, deadline, ports_setup_one);
}

/**
 * ports_note() - note which counters of a local port had to be made for a session
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @backend:    the backend that made them
 * @port:       the port
 * @counters:   1 << PORT_... of each
 * @before:     a moment before they were made, CLOCK_BOOTTIME in microseconds
 *
 * So that they are known to have begun at 0. Without this note an account takes them as old. If a
 * reap has looked at the port since, it did so: what they counted until then is missing.
 */
void ports_note(const struct session_context *context, int folder_fd, struct backend *backend,
                uint16_t port, unsigned int counters, uint64_t before) {
        _cleanup_(portrun_end) struct portrun run = PORTRUN_INIT;
        _cleanup_(portstate_freep) struct portstate *state = NULL;
        int r;

        if (portrun_begin(&run, context, folder_fd, PORTS_PATIENCE) < 0)
                return;
        run.backend = backend;
        r = portrun_load(&run, port, &state);
        if (!r)
                r = portrun_open(&run, state);
        if (r < 0)
                return;
        if ((uint64_t)state->seen_boottime > before) {
                state->whole = false;
        } else {
                portaccount_made(state, counters);
                portrun_seen(state, clock_now(CLOCK_BOOTTIME));
        }
        (void)portledger_save(context, folder_fd, state, false);
}

/* The last readings, of the account's own backend. */
static int ports_teardown_read(struct portrun *run, struct portstate *state) {
        _cleanup_(snapshot_freep) struct backend_snapshot *snapshot = NULL;
        _cleanup_(backend_freep) struct backend *backend = NULL;
        int r;

        if (backend_is_untouched(state->backend, run->context->proc_fd))
                return BACKEND_E_UNAVAILABLE;
        run->snapshot_boottime = clock_now(CLOCK_BOOTTIME);
        r = backend_new(state->backend, &backend);
        if (!r)
                r = backend->operations->snapshot(backend, run->deadline, &snapshot);
        if (r)
                return r;
        run->snapshot = snapshot;
        (void)portrun_update(run, state);
        run->snapshot = NULL;
        return 0;
}

static int ports_teardown_one(struct portrun *run, uint16_t port) {
        _cleanup_(portstate_freep) struct portstate *state = NULL;
        uint64_t end = clock_now(CLOCK_REALTIME);
        int r;

        r = portrun_load(run, port, &state);
        if (r < 0)
                return r;
        (void)portledger_settle(run->context, run->folder_fd, state);
        if (!state->session)
                return 0;
        if (strcmp(state->boot_id, run->boot_id) != 0) {
                end = (uint64_t)state->seen_realtime;
                state->whole = false;
        } else if (ports_teardown_read(run, state)) {
                state->whole = false;
        }
        r = portrun_close(run, state, end);
        return r < 0 ? r : portledger_write(run->context, run->folder_fd, state);
}

/**
 * ports_teardown() - end the accounts, with the last readings, before the counters go
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @deadline:   how long to wait for the tables, CLOCK_MONOTONIC in microseconds
 *
 * The ports are remembered.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int ports_teardown(const struct session_context *context, int folder_fd, uint64_t deadline) {
        return ports_run(context, folder_fd, NULL, deadline, ports_teardown_one);
}
