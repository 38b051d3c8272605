/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The state folder: sessions/<id>.json, ports/<port>.json (portfolder.c), and one file `lock`
 * (statelock.c).
 *
 * Owns: the folder's layout.
 * Relies on: the caller holds the lock of the session (statelock_take_session()).
 */

#include "store/state.h"

#include "base/uuid.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_NAME_MAX (sizeof(".json") + UUID_TEXT_MAX)

static int statefolder_make(int parent_fd, const char *path, int *ret_fd) {
        int fd;

        if (mkdirat(parent_fd, path, 0700) < 0 && errno != EEXIST)
                return -errno;
        fd = openat(parent_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        return 0;
}

/**
 * statefolder_open() - open the state folder, made where it is missing
 * @path:       its absolute path; the folder above must be there
 * @ret_fd:     the folder
 *
 * Return: 0, or a negative errno.
 */
int statefolder_open(const char *path, int *ret_fd) {
        _cleanup_(fd_closep) int fd = -1, sessions_fd = -1;
        int r;

        r = statefolder_make(AT_FDCWD, path, &fd);
        if (r < 0)
                return r;
        r = statefolder_make(fd, state_kind.folder, &sessions_fd);
        if (r < 0)
                return r;
        *ret_fd = fd_steal(&fd);
        return 0;
}

static void statefolder_name(const char *session, char name[static STATE_NAME_MAX]) {
        (void)snprintf(name, STATE_NAME_MAX, "%s.json", session);
}

/**
 * statefolder_load() - read a session
 * @folder_fd:  the state folder
 * @session:    its id, valid
 * @ret_state:  the state
 * @ret_field:  for STATE_E_INVALID: the key at fault
 *
 * Return: 0, STATE_E_NOT_FOUND, STATE_E_INVALID, or a negative errno.
 */
int statefolder_load(int folder_fd, const char *session, struct state **ret_state,
                     const char **ret_field) {
        _cleanup_(state_freep) struct state *state = NULL;
        _cleanup_(freep) char *data = NULL;
        char name[STATE_NAME_MAX];
        size_t size;
        int r;

        statefolder_name(session, name);
        r = statefile_read(&state_kind, folder_fd, name, &data, &size, ret_field);
        if (r)
                return r;
        r = state_decode(data, size, &state, ret_field);
        if (r)
                return r;
        if (strcmp(state->session, session) != 0) {
                *ret_field = "session";
                return STATE_E_INVALID;
        }
        *ret_state = pointer_steal(&state);
        return 0;
}

/**
 * statefolder_save() - write a session, as a whole or not at all
 * @folder_fd:  the state folder; the caller has the session's lock
 * @state:      the state
 * @sync:       whether it must outlast a power loss when this returns
 *
 * Return: 0, or a negative errno; then what stood there before still does.
 */
int statefolder_save(int folder_fd, const struct state *state, bool sync) {
        _cleanup_(freep) char *data = NULL;
        char name[STATE_NAME_MAX];
        size_t size;
        int r = state_encode(state, &data, &size);

        if (r < 0)
                return r;
        statefolder_name(state->session, name);
        return statefile_write(&state_kind, folder_fd, name, data, size, sync);
}

/**
 * statefolder_set_aside() - put a damaged state file out of the way, for the admin to look at
 * @folder_fd:  the state folder; the caller has the session's lock
 * @session:    its id, valid
 *
 * Return: 0, or a negative errno; its new name ends in .damaged.
 */
int statefolder_set_aside(int folder_fd, const char *session) {
        char name[STATE_NAME_MAX];

        statefolder_name(session, name);
        return statefile_set_aside(&state_kind, folder_fd, name);
}

/**
 * statefolder_is_outdated() - tell whether a newer state of a session is lost
 * @folder_fd:  the state folder
 * @session:    its id, valid
 *
 * Return: true if so: then the log may know more.
 */
bool statefolder_is_outdated(int folder_fd, const char *session) {
        char name[STATE_NAME_MAX];

        statefolder_name(session, name);
        return statefile_is_outdated(&state_kind, folder_fd, name);
}

/**
 * statefolder_is_aside() - tell whether a session's state file was put out of the way
 * @folder_fd:  the state folder
 * @session:    its id, valid
 *
 * Return: true if it was.
 */
bool statefolder_is_aside(int folder_fd, const char *session) {
        char name[STATE_NAME_MAX];

        statefolder_name(session, name);
        return statefile_is_aside(&state_kind, folder_fd, name);
}

/* The session whose state file has that name. */
static bool statefolder_name_parse(const char *name, char ret_session[static UUID_TEXT_MAX]) {
        if (strlen(name) < UUID_TEXT_MAX - 1)
                return false;
        memcpy(ret_session, name, UUID_TEXT_MAX - 1);
        ret_session[UUID_TEXT_MAX - 1] = '\0';
        return uuid_valid(ret_session) && !strcmp(name + UUID_TEXT_MAX - 1, ".json");
}

struct state_names {
        char (*sessions)[UUID_TEXT_MAX];
        size_t n, room;
};

static int statefolder_take(const char *name, void *data) {
        struct state_names *names = data;

        if (names->n == names->room) {
                size_t room = names->room ? names->room * 2 : 64;
                void *larger = reallocarray(names->sessions, room, sizeof(*names->sessions));

                if (!larger)
                        return -ENOMEM;
                names->sessions = larger;
                names->room = room;
        }
        if (statefolder_name_parse(name, names->sessions[names->n]))
                names->n++;
        return 0;
}

/**
 * statefolder_list() - list the sessions of the folder
 * @folder_fd:          the state folder
 * @ret_sessions:       their ids, in no order; the caller frees them
 * @ret_n:              how many
 *
 * Files with other names are passed over.
 *
 * Return: 0, or a negative errno.
 */
int statefolder_list(int folder_fd, char (**ret_sessions)[UUID_TEXT_MAX], size_t *ret_n) {
        struct state_names names = { 0 };
        int r;

        r = statefile_list(&state_kind, folder_fd, statefolder_take, &names);
        if (r < 0) {
                free(names.sessions);
                return r;
        }
        *ret_sessions = names.sessions;
        *ret_n = names.n;
        return 0;
}

/**
 * statefolder_remove() - forget a session
 * @folder_fd:  the state folder; the caller has the session's lock
 * @session:    its id, valid
 *
 * Return: 0, also if it is not there, or a negative errno.
 */
int statefolder_remove(int folder_fd, const char *session) {
        char name[STATE_NAME_MAX];
        int r;

        statefolder_name(session, name);
        r = statefile_remove(&state_kind, folder_fd, name);
        return r < 0 ? r : 0;
}
