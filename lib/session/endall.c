/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Ending all sessions in the log, because the programs are about to be removed.
 *
 * Owns: that no session stays open in the log for ever. Who is logged in stays so; nobody will know
 * when that ends, and what it moves from now on. So cause and end of such a session are not known,
 * and its record is not complete.
 */

#include "base/clock.h"
#include "base/patience.h"
#include "reading/ended.h"
#include "reading/sources.h"
#include "reading/update.h"
#include "session/ledger.h"
#include "session/lost.h"
#include "session/session.h"
#include "session/stop.h"
#include "store/fields.h"
#include "store/statelock.h"
#include "userledger/userledger.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

/* One whose connection is over. Nobody comes again for last readings that are put off. */
static int endall_over(struct session *session) {
        int r = stop_write(session);

        if (r != -EBUSY || session->state->stopped)
                return r;
        account_spoil(&session->state->account, ACCOUNT_CAUSE_LOST);
        r = stop_record(session);
        return r ? r : stop_clean(session);
}

/* One whose connection goes on. Its rules may be gone, and are not put back. */
static int endall_cut(struct session *session) {
        struct sessionrecord_entry entry = {
                .event = "stop",
                .realtime = clock_now(CLOCK_REALTIME),
                .duration = FIELD_UNKNOWN,
                .complete = session->state->excluded,
        };
        struct sample sample;
        int r;

        if (stop_is_readable(session)) {
                (void)sources_read(session, SOURCES_SNAPSHOT, &sample);
                (void)update_account(session, &sample, 0);
        }
        account_spoil(&session->state->account, ACCOUNT_CAUSE_LOST);
        r = ledger_write(session, &entry);
        return r ? r : stop_clean(session);
}

static int endall_loaded(struct session *session, const char *boot_id) {
        enum ended ended;
        int r;

        if (strcmp(session->state->boot_id, boot_id) != 0) {
                r = stop_after_reboot(session);
                return r < 0 ? r : stop_forget(session);
        }
        r = stop_resume(session);
        if (r)
                return r < 0 ? r : stop_clean(session);
        ended = ended_tell(session);
        return ended == ENDED_YES || ended == ENDED_SEEMS ? endall_over(session)
                                                          : endall_cut(session);
}

static int endall_session(const struct session_context *context, int folder_fd,
                          struct sources *sources, const char *boot_id, const char *id) {
        _cleanup_(onesession_end) struct session session = SESSION_INIT;
        const char *field;
        int r;

        r = onesession_begin(&session, context, folder_fd, sources, id, START_PATIENCE);
        if (!r)
                r = statefolder_load(folder_fd, id, &session.state, &field);
        if (r == STATE_E_NOT_FOUND)
                return 0; /* somebody has ended it */
        if (!r)
                return endall_loaded(&session, boot_id);
        /* what the log has of it ends with those without a state */
        if (r == STATE_E_INVALID)
                return statefolder_set_aside(folder_fd, id);
        context_report(context, LOG_ERR, "session %s: cannot be ended: %s", id,
                       r < 0 ? statelock_reason(r) : "its state file is damaged");
        return r < 0 ? r : -EBADMSG;
}

/**
 * endall_run() - end all sessions in the log, and remove their rules
 * @context:    the settings and the listener
 *
 * Return: 0, or a negative errno if one could not be ended, which has been reported.
 */
int endall_run(const struct session_context *context) {
        _cleanup_(sources_close) struct sources sources = { 0 };
        _cleanup_(freep) char(*sessions)[UUID_TEXT_MAX] = NULL;
        _cleanup_(freep) char *boot_id = NULL;
        _cleanup_(fd_closep) int folder_fd = -1;
        int r, failure = 0;
        size_t n = 0;

        r = context_folder(context, &folder_fd);
        if (!r)
                r = context_boot_id(context, &boot_id);
        if (!r)
                r = sources_open(&sources, SOURCES_PATIENCE);
        if (!r)
                r = statefolder_list(folder_fd, &sessions, &n);
        if (r < 0) {
                context_report(context, LOG_ERR, "cannot read the states of the sessions: %s",
                               strerror(-r));
                return r;
        }
        sources.all = true;
        for (size_t i = 0; i < n; i++) {
                r = endall_session(context, folder_fd, &sources, boot_id, sessions[i]);
                if (r < 0)
                        failure = r;
        }
        r = userledger_conclude(context, folder_fd);
        if (r < 0)
                failure = r;
        return lost_cut(context, folder_fd, &sources, boot_id) ? -EIO : failure;
}
