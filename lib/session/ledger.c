/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Writing a session's records into the log.
 *
 * Owns: the sentence for people; and that a record is in the log exactly once, whatever is killed
 * in between. store/pending.h says how that works; the state notes which records are pending.
 */

#include "session/ledger.h"

#include "base/clock.h"
#include "store/log.h"
#include "store/record.h"
#include "store/statelock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

/* The one line for people. */
static void ledger_say(const struct session *session, const struct record *record) {
        char counts[160] = "traffic not known", took[48] = "";

        if (!session->context->settings->syslog || !strcmp(record->event, "interim"))
                return;

        if (record->excluded)
                (void)snprintf(counts, sizeof(counts), "not counted (excluded network)");
        else if (record->in_bytes >= 0)
                (void)snprintf(counts, sizeof(counts),
                               "in %" PRId64 " bytes (%" PRId64 " packets), out %" PRId64
                               " bytes (%" PRId64 " packets)%s",
                               record->in_bytes, record->in_packets, record->out_bytes,
                               record->out_packets, record->complete ? "" : ", may be incomplete");
        if (record->duration >= 0)
                (void)snprintf(took, sizeof(took), " after %.1f s", (double)record->duration / 1e6);

        session_say(session, LOG_INFO,
                    "session %s %s%s: user %s from %s port %" PRId64 " (%s%s%s): %s",
                    record->session, !strcmp(record->event, "start") ? "started" : "ended", took,
                    record->user, record->remote_addr, record->remote_port,
                    record->auth_method ? record->auth_method : "method not known",
                    record->auth_key ? " " : "", record->auth_key ? record->auth_key : "", counts);
}

/* The line that a record is, made pending. */
static int ledger_make(struct session *session, const struct record *record) {
        struct state *state = session->state;
        _cleanup_(freep) char *line = NULL;
        size_t size;
        int r;

        r = record_encode(record, &line, &size);
        if (!r)
                r = pending_add(&state->pending, session->context->settings->log_file, line);
        if (r < 0)
                return r;

        state->seq++;
        state->stopped = !strcmp(record->event, "stop");
        state->reported_boottime = (int64_t)clock_now(CLOCK_BOOTTIME);
        if (state->account.total.known)
                state->reported = state->account.total;
        return 0;
}

/* Append what is pending; recorded: the state on disk has it as pending, too. */
static int ledger_append(struct session *session, bool recorded) {
        const char *path = session->context->settings->log_file;
        struct state *state = session->state;
        int r;

        r = pending_append(&state->pending, session->folder_fd, path, session->context->patience);
        if (r < 0 && recorded)
                session_say(session, LOG_ERR,
                            "session %s: cannot write to %s: %s; the record waits in %s until it "
                            "can be written",
                            state->session, path, statelock_reason(r),
                            session->context->settings->state_dir);
        else if (r < 0)
                session_say(session, LOG_ERR,
                            "session %s: cannot write to %s: %s, nor to %s; the record: %s",
                            state->session, path, statelock_reason(r),
                            session->context->settings->state_dir, state->pending.lines);
        return r;
}

/* Take the lines that are in the log already out of what is pending. */
static int ledger_look(struct session *session) {
        return pending_look(&session->state->pending, session->context->settings->log_file);
}

/**
 * ledger_write() - append a session's next record to the log
 * @session:    the session; its sequence number and what was reported move on
 * @entry:      what the record says beyond the state
 *
 * A record that cannot be written now stays pending in the state. Where that cannot be written
 * either, it goes to the listener, whole: to syslog.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int ledger_write(struct session *session, const struct sessionrecord_entry *entry) {
        _cleanup_(record_freep) struct record *record = NULL;
        bool recorded, waiting = session->state->pending.lines != NULL;
        int r;

        r = sessionrecord_make(session, entry, &record);
        if (!r)
                r = ledger_make(session, record);
        if (r < 0) {
                session_say(session, LOG_ERR, "session %s: cannot make its %s record: %s",
                            session->state->session, entry->event, strerror(-r));
                return r;
        }

        recorded = !onesession_save(session, true);
        ledger_say(session, record);
        /* of an earlier record that could not be written, something may be there after all */
        r = waiting ? ledger_look(session) : 0;
        if (!r)
                r = ledger_append(session, recorded);
        if (!r && !session->state->stopped)
                (void)onesession_save(session, true);
        return r;
}

/**
 * ledger_settle() - bring into the log what an earlier helper made and perhaps did not append
 * @session:    the session, as it was loaded
 *
 * Return: 0: nothing is pending any more; or a negative errno, which has been reported.
 */
int ledger_settle(struct session *session) {
        struct state *state = session->state;
        int r;

        if (!state->pending.lines)
                return 0;
        r = ledger_look(session);
        if (r < 0) {
                session_say(session, LOG_ERR,
                            "session %s: cannot tell whether its records are in %s: %s",
                            state->session, session->context->settings->log_file, strerror(-r));
                return r;
        }
        r = ledger_append(session, true);
        if (!r && !state->stopped)
                (void)onesession_save(session, true);
        return r;
}

/**
 * ledger_has() - tell whether the log has a record of a session: another one was faster
 * @session:    the session, whose state need not be known
 * @id:         its id, valid
 *
 * Return: false also if the log cannot be read.
 */
bool ledger_has(const struct session *session, const char *id) {
        const struct logfind_position anywhere = { .inode = -1 };
        char text[UUID_TEXT_MAX + 32];
        bool found = false;

        (void)snprintf(text, sizeof(text), "\"session\":\"%s\"", id);
        (void)logfind_text(session->context->settings->log_file, &anywhere, text, &found);
        return found;
}
