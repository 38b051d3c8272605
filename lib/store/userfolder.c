/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts of the users' ledger in the state folder: users/accounts.json.
 *
 * Relies on: whoever writes holds the lock STATELOCK_USERS.
 */

#include "base/cleanup.h"
#include "store/userstate.h"

#define USERFOLDER_FILE "accounts.json"

static const struct statefile_kind userfolder_kind = {
        .folder = "users",
        .limit = (size_t)256 * 1024 * 1024,
};

/**
 * userfolder_load() - read the accounts
 * @folder_fd:  the state folder
 * @ret_state:  the accounts
 * @ret_field:  for STATE_E_INVALID: the key at fault
 *
 * Return: 0, STATE_E_NOT_FOUND, STATE_E_INVALID, or a negative errno.
 */
int userfolder_load(int folder_fd, struct userstate **ret_state, const char **ret_field) {
        _cleanup_(freep) char *data = NULL;
        size_t size;
        int r;

        r = statefile_read(&userfolder_kind, folder_fd, USERFOLDER_FILE, &data, &size, ret_field);
        return r ? r : userstate_decode(data, size, ret_state, ret_field);
}

/**
 * userfolder_save() - write the accounts, as a whole or not at all
 * @folder_fd:  the state folder
 * @state:      the accounts
 * @sync:       whether they must outlast a power loss when this returns
 *
 * Return: 0, or a negative errno; then what stood there before still does.
 */
int userfolder_save(int folder_fd, const struct userstate *state, bool sync) {
        _cleanup_(freep) char *data = NULL;
        size_t size;
        int r = userstate_encode(state, &data, &size);

        return r < 0 ? r
                     : statefile_write(&userfolder_kind, folder_fd, USERFOLDER_FILE, data, size,
                                       sync);
}

/**
 * userfolder_set_aside() - put a damaged file out of the way, for the admin to look at
 * @folder_fd:  the state folder
 *
 * Return: 0, or a negative errno; its new name ends in .damaged.
 */
int userfolder_set_aside(int folder_fd) {
        return statefile_set_aside(&userfolder_kind, folder_fd, USERFOLDER_FILE);
}

/**
 * userfolder_is_aside() - tell whether a damaged file was put out of the way
 * @folder_fd:  the state folder
 *
 * Return: true if it was, and is still there.
 */
bool userfolder_is_aside(int folder_fd) {
        return statefile_is_aside(&userfolder_kind, folder_fd, USERFOLDER_FILE);
}

/**
 * userfolder_is_outdated() - tell whether newer accounts are lost
 * @folder_fd:  the state folder
 *
 * Return: true if so: then the log may know more.
 */
bool userfolder_is_outdated(int folder_fd) {
        return statefile_is_outdated(&userfolder_kind, folder_fd, USERFOLDER_FILE);
}
