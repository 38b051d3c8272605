/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whose what counts is, and its removal.
 *
 * Owns: that a configuration which does not keep the ledger takes away what it has left itself, and
 * not what another one keeps. The maps say which state_dir they count for.
 */

#include "userledger/userkeep.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/patience.h"
#include "config.h"
#include "store/statelock.h"
#include "usermap/userkeeper.h"
#include "usermap/userpins.h"

#include <string.h>
#include <syslog.h>
#include <unistd.h>

static uint64_t userkeep_number(const struct session_context *context) {
        const char *folder = context->settings->state_dir;

        return map_hash(0, folder, strlen(folder));
}

/**
 * userkeep_note() - note in the maps that they are this configuration's
 * @context:    the settings
 * @map:        the maps
 *
 * Return: 0 or a negative errno.
 */
int userkeep_note(const struct session_context *context, struct usermap *map) {
        return userkeeper_set(map, userkeep_number(context));
}

/**
 * userkeep_is_own() - tell whether what counts is this configuration's
 * @context:    the settings
 * @state:      the accounts, or NULL
 * @map:        the maps; NULL: they are of another release, or not open
 *
 * Return: true if so.
 */
bool userkeep_is_own(const struct session_context *context, const struct userstate *state,
                     const struct usermap *map) {
        uint64_t keeper;

        if (userkeeper_get(&keeper) < 0)
                return false;
        if (keeper)
                return keeper == userkeep_number(context);
        /* maps of an earlier release do not say it */
        return state && map && state->map == (int64_t)usermap_id(map);
}

static int userkeep_remove_from(const struct session_context *context, bool all) {
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + USERLEDGER_PATIENCE;
        _cleanup_(fd_closep) int lock_fd = -1;
        int r = statelock_take_pins(deadline, &lock_fd);

        if (r < 0) {
                context_report(context, LOG_ERR,
                               "users' ledger: cannot take the lock " PATH_RUN
                               "/lock, and the kernel counts on: %s",
                               statelock_reason(r));
                return r;
        }
        r = userpins_remove(USERLAYOUT_FOLDER_NEW);
        if (!r && all)
                r = userpins_remove(USERLAYOUT_FOLDER);
        if (r < 0)
                context_report(context, LOG_ERR,
                               "users' ledger: cannot remove %s, and the kernel counts on: %s; "
                               "run pam_traffic_helper %s",
                               all ? USERLAYOUT_FOLDER : USERLAYOUT_FOLDER_NEW, strerror(-r),
                               context->settings->users ? "teardown" : "setup");
        return r;
}

/**
 * userkeep_remove() - have the kernel count no more
 * @context:    the settings
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int userkeep_remove(const struct session_context *context) {
        return userkeep_remove_from(context, true);
}

/**
 * userkeep_tidy() - take away what a loader that was killed has left
 * @context:    the settings
 *
 * It counts, and nobody ever reads that; so it is nobody's, whichever configuration loaded it.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int userkeep_tidy(const struct session_context *context) {
        return access(USERLAYOUT_FOLDER_NEW, F_OK) < 0 ? 0 : userkeep_remove_from(context, false);
}
