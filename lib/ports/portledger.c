/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The records of a local port's account: from its totals to a line in the log, once.
 *
 * Owns: the order of the steps: the line is made, and is noted as pending (store/pending.h) in the
 * state on disk, before it is appended. If the state cannot be written, nothing is appended: the
 * counters go on, and a later record has all the bytes.
 */

#include "ports/portledger.h"

#include "base/clock.h"
#include "reading/portrecord.h"
#include "store/statelock.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <syslog.h>

/**
 * portledger_make() - make the next record of an account, which is then pending
 * @context:    names the log
 * @state:      the account; its sequence number and what was reported move on
 * @realtime:   the moment it speaks of, microseconds
 *
 * Return: 0 or -ENOMEM.
 */
int portledger_make(const struct session_context *context, struct portstate *state,
                    uint64_t realtime) {
        _cleanup_(record_freep) struct record *record = NULL;
        _cleanup_(freep) char *line = NULL;
        size_t size;
        int r;

        r = portrecord_make(state, realtime, &record);
        if (!r)
                r = record_encode(record, &line, &size);
        if (!r)
                r = pending_add(&state->pending, context->settings->log_file, line);
        if (r < 0)
                return r;
        state->seq++;
        state->reported = state->total;
        state->reported_boottime = (int64_t)clock_now(CLOCK_BOOTTIME);
        state->whole = true;
        return 0;
}

/**
 * portledger_save() - write an account
 * @context:    has the listener
 * @folder_fd:  the state folder
 * @state:      the account
 * @sync:       whether it must outlast a power loss when this returns
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int portledger_save(const struct session_context *context, int folder_fd,
                    const struct portstate *state, bool sync) {
        int r = portfolder_save(folder_fd, state, sync);

        if (r < 0)
                context_report(context, LOG_ERR,
                               "port %" PRId64 ": its state cannot be written in %s: %s",
                               state->local_port, context->settings->state_dir, strerror(-r));
        return r;
}

static int portledger_append(const struct session_context *context, int folder_fd,
                             struct portstate *state) {
        const char *path = context->settings->log_file;
        int r = pending_append(&state->pending, folder_fd, path, context->patience);

        if (r < 0) {
                context_report(context, LOG_ERR,
                               "port %" PRId64 ": cannot write to %s: %s; the record waits in "
                               "%s until it can be written",
                               state->local_port, path, statelock_reason(r),
                               context->settings->state_dir);
                return r;
        }
        return portledger_save(context, folder_fd, state, true);
}

/**
 * portledger_write() - save an account, and append the record that was just made
 * @context:    names the log
 * @folder_fd:  the state folder
 * @state:      the account, with nothing pending but that record
 *
 * Return: 0, or a negative errno, which has been reported: then the record stays pending, or, where
 *         that could not be written down, was never made.
 */
int portledger_write(const struct session_context *context, int folder_fd,
                     struct portstate *state) {
        int r = portledger_save(context, folder_fd, state, true);

        return r < 0 ? r : portledger_append(context, folder_fd, state);
}

/**
 * portledger_settle() - bring into the log what an earlier helper made and perhaps did not append
 * @context:    names the log
 * @folder_fd:  the state folder
 * @state:      the account, as it was loaded
 *
 * Return: 0: nothing is pending any more; or a negative errno, which has been reported.
 */
int portledger_settle(const struct session_context *context, int folder_fd,
                      struct portstate *state) {
        int r;

        if (!state->pending.lines)
                return 0;
        r = pending_look(&state->pending, context->settings->log_file);
        if (r < 0) {
                context_report(context, LOG_ERR,
                               "port %" PRId64 ": cannot tell whether its records are in %s: "
                               "%s",
                               state->local_port, context->settings->log_file, strerror(-r));
                return r;
        }
        return portledger_append(context, folder_fd, state);
}
