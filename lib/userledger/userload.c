/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts that a reap begins with.
 *
 * Owns: that a damaged file is kept for the admin to look at, and that no account is lost without a
 * word: one line says it at once.
 */

#include "userledger/userload.h"

#include "base/cleanup.h"

#include <string.h>
#include <syslog.h>

/* What follows where accounts are lost, behind how that came. */
#define USERLOAD_LOST_TEXT                                                                   \
        ": what was not recorded by then is lost; the accounts begin anew, and their first " \
        "records say that bytes may be missing (complete is false)"

/* What came of the accounts, if they are not those that were saved last. */
static void userload_report(const struct session_context *context, const char *what) {
        context_report(context, LOG_ERR,
                       "users' ledger: %s/users/accounts.json %s" USERLOAD_LOST_TEXT,
                       context->settings->state_dir, what);
}

/* Return: as userfolder_load(), but STATE_E_INVALID for all that is lost, which was reported. */
static int userload_try(const struct session_context *context, int folder_fd,
                        struct userstate **ret_state) {
        _cleanup_(userstate_freep) struct userstate *state = NULL;
        const char *field;
        int r = userfolder_load(folder_fd, &state, &field);

        /* the newer ones were in /run, and went with it: what the log has of them is not known */
        if (!r && userfolder_is_outdated(folder_fd)) {
                userload_report(context, "is older than what is in the log");
                return STATE_E_INVALID;
        }
        if (r == STATE_E_INVALID) {
                r = userfolder_set_aside(folder_fd);
                r = r < 0 ? r : STATE_E_NOT_FOUND;
        }
        /* also if whoever set it aside was killed before he saved new ones */
        if (r == STATE_E_NOT_FOUND && userfolder_is_aside(folder_fd)) {
                userload_report(context, "was damaged, and is accounts.json.damaged now");
                return STATE_E_INVALID;
        }
        if (!r)
                *ret_state = pointer_steal(&state);
        return r;
}

/**
 * userload_run() - read the accounts
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @ret_state:  the accounts; none if there are none, or they cannot be had
 * @ret_loaded: which of these it is
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int userload_run(const struct session_context *context, int folder_fd, struct userstate **ret_state,
                 enum userload *ret_loaded) {
        int r = userload_try(context, folder_fd, ret_state);

        *ret_loaded = !r ? USERLOAD_ALL : r == STATE_E_INVALID ? USERLOAD_LOST : USERLOAD_NONE;
        if (r > 0)
                r = userstate_new(ret_state);
        if (r < 0)
                context_report(context, LOG_ERR, "users' ledger: its accounts cannot be read: %s",
                               strerror(-r));
        return r;
}

/**
 * userload_gone() - say that accounts which were saved are not there any more
 * @context:    the settings and the listener
 */
void userload_gone(const struct session_context *context) {
        userload_report(context, "is gone");
}
