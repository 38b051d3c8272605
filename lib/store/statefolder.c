/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The state folder: sessions/<id>.json, ports/<port>.json (portfolder.c), and one file `lock`.
 *
 * Owns: the folder's layout, a lock per session, and one for all ports. The locks are byte ranges
 * of one file, at an offset made from the session id, so that no lock files are left behind and the
 * state file can be replaced while it is locked. Two sessions that share an offset only wait for
 * each other. Relies on: open file description locks (fcntl(2), F_OFD_SETLK), which end with the
 * process; rename(2).
 */

#include "store/state.h"

#include "pam_traffic/clock.h"
#include "pam_traffic/file.h"
#include "pam_traffic/number.h"
#include "pam_traffic/uuid.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_MAX (256 * 1024)
#define STATE_NAME_MAX (sizeof("sessions/.json") + UUID_TEXT_MAX)

/* How often a lock is tried: a close waits for an open of some milliseconds. */
#define STATE_LOCK_INTERVAL UINT64_C(5000)

/* Behind those of sessions, which are numbers of 48 bits. */
#define STATE_LOCK_PORTS ((off_t)1 << 48)

static int state_folder_make(int parent_fd, const char *path, int *ret_fd) {
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
 * state_folder_open() - open the state folder, made where it is missing
 * @path:       its absolute path; the folder above must be there
 * @ret_fd:     the folder
 *
 * Return: 0, or a negative errno.
 */
int state_folder_open(const char *path, int *ret_fd) {
        _cleanup_(fd_closep) int fd = -1, sessions_fd = -1;
        int r;

        r = state_folder_make(AT_FDCWD, path, &fd);
        if (r < 0)
                return r;
        r = state_folder_make(fd, "sessions", &sessions_fd);
        if (r < 0)
                return r;
        *ret_fd = fd_steal(&fd);
        return 0;
}

/* Lock a byte of the file `lock`. */
static int state_lock_byte(int folder_fd, off_t offset, uint64_t deadline, int *ret_fd) {
        struct flock lock = {
                .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1
        };
        _cleanup_(fd_closep) int fd = -1;

        fd = openat(folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        while (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
                if (errno != EAGAIN && errno != EACCES && errno != EINTR)
                        return -errno;
                if (clock_now(CLOCK_MONOTONIC) >= deadline)
                        return -ETIMEDOUT;
                clock_sleep(STATE_LOCK_INTERVAL);
        }
        *ret_fd = fd_steal(&fd);
        return 0;
}

/**
 * state_lock() - become the only one who works on a session
 * @folder_fd:  the state folder
 * @session:    its id, valid
 * @deadline:   how long to wait, CLOCK_MONOTONIC in microseconds
 * @ret_fd:     the lock; it is given back when this is closed
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int state_lock(int folder_fd, const char *session, uint64_t deadline, int *ret_fd) {
        uint64_t offset = 0;

        /* the last 12 digits are random bits, RFC 9562 section 5.7 */
        if (!uuid_valid(session) || number_parse(session + 24, 12, 16, INT64_MAX - 1, &offset) < 0)
                return -EINVAL;
        return state_lock_byte(folder_fd, (off_t)offset, deadline, ret_fd);
}

/**
 * state_lock_ports() - become the only one who works on the accounts of local ports
 * @folder_fd:  the state folder
 * @deadline:   how long to wait, CLOCK_MONOTONIC in microseconds
 * @ret_fd:     the lock; it is given back when this is closed
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int state_lock_ports(int folder_fd, uint64_t deadline, int *ret_fd) {
        return state_lock_byte(folder_fd, STATE_LOCK_PORTS, deadline, ret_fd);
}

static void state_name(const char *session, char name[static STATE_NAME_MAX]) {
        (void)snprintf(name, STATE_NAME_MAX, "sessions/%s.json", session);
}

/* Open a session's file. STATE_E_INVALID: something else has its name, a folder or a link, say. */
static int state_open(int folder_fd, const char *session, int *ret_fd) {
        _cleanup_(fd_closep) int fd = -1;
        char name[STATE_NAME_MAX];
        struct stat st;

        state_name(session, name);
        fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
        if (fd < 0)
                return errno == ELOOP || errno == ENXIO ? STATE_E_INVALID : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return STATE_E_INVALID;
        *ret_fd = fd_steal(&fd);
        return 0;
}

/**
 * state_load() - read a session
 * @folder_fd:  the state folder
 * @session:    its id, valid
 * @ret_state:  the state
 * @ret_field:  for STATE_E_INVALID: the key at fault
 *
 * Return: 0, STATE_E_NOT_FOUND, STATE_E_INVALID, or a negative errno.
 */
int state_load(int folder_fd, const char *session, struct state **ret_state,
               const char **ret_field) {
        _cleanup_(state_freep) struct state *state = NULL;
        _cleanup_(fd_closep) int fd = -1;
        _cleanup_(freep) char *data = NULL;
        size_t size;
        int r;

        r = state_open(folder_fd, session, &fd);
        if (r == -ENOENT)
                return STATE_E_NOT_FOUND;
        if (r < 0)
                return r;
        if (r) {
                *ret_field = "no file";
                return r;
        }
        r = file_read(fd, STATE_MAX, &data, &size);
        if (r < 0)
                return r;
        if (r == FILE_E_TOO_LARGE) {
                *ret_field = "size";
                return STATE_E_INVALID;
        }

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
 * state_save() - write a session, as a whole or not at all
 * @folder_fd:  the state folder; the caller has the session's lock
 * @state:      the state
 * @sync:       whether it must outlast a power loss when this returns
 *
 * Return: 0, or a negative errno; then what stood there before still does.
 */
int state_save(int folder_fd, const struct state *state, bool sync) {
        _cleanup_(fd_closep) int sessions_fd = -1;
        _cleanup_(freep) char *data = NULL;
        char name[STATE_NAME_MAX];
        size_t size;
        int r;

        r = state_encode(state, &data, &size);
        if (r < 0)
                return r;
        sessions_fd = openat(folder_fd, "sessions", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (sessions_fd < 0)
                return -errno;
        (void)snprintf(name, sizeof(name), "%s.json", state->session);
        return file_replace_at(sessions_fd, name, data, size, sync);
}

/**
 * state_set_aside() - put a damaged state file out of the way, for the admin to look at
 * @folder_fd:  the state folder; the caller has the session's lock
 * @session:    its id, valid
 *
 * Return: 0, or a negative errno; its new name ends in .damaged.
 */
int state_set_aside(int folder_fd, const char *session) {
        char name[STATE_NAME_MAX], aside[STATE_NAME_MAX + sizeof(".damaged")];

        state_name(session, name);
        (void)snprintf(aside, sizeof(aside), "%s.damaged", name);
        return renameat(folder_fd, name, folder_fd, aside) < 0 ? -errno : 0;
}

/* The session whose state file has that name. */
static bool state_name_parse(const char *name, char ret_session[static UUID_TEXT_MAX]) {
        if (strlen(name) < UUID_TEXT_MAX - 1)
                return false;
        memcpy(ret_session, name, UUID_TEXT_MAX - 1);
        ret_session[UUID_TEXT_MAX - 1] = '\0';
        return uuid_valid(ret_session) && !strcmp(name + UUID_TEXT_MAX - 1, ".json");
}

static void closedirp(DIR **folder) {
        if (*folder)
                (void)closedir(*folder);
}

/**
 * state_list() - list the sessions of the folder
 * @folder_fd:          the state folder
 * @ret_sessions:       their ids, in no order; the caller frees them
 * @ret_n:              how many
 *
 * Files with other names are passed over.
 *
 * Return: 0, or a negative errno.
 */
int state_list(int folder_fd, char (**ret_sessions)[UUID_TEXT_MAX], size_t *ret_n) {
        _cleanup_(closedirp) DIR *folder = NULL;
        _cleanup_(freep) char(*sessions)[UUID_TEXT_MAX] = NULL;
        const struct dirent *entry;
        size_t n = 0, room = 0;
        int fd;

        fd = openat(folder_fd, "sessions", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        folder = fdopendir(fd);
        if (!folder) {
                int r = -errno;

                (void)fd_close(fd);
                return r;
        }

        while (errno = 0, (entry = readdir(folder))) {
                if (n == room) {
                        void *larger;

                        room = room ? room * 2 : 64;
                        larger = reallocarray(sessions, room, sizeof(*sessions));
                        if (!larger)
                                return -ENOMEM;
                        sessions = larger;
                }
                if (state_name_parse(entry->d_name, sessions[n]))
                        n++;
        }
        if (errno)
                return -errno;

        *ret_sessions = pointer_steal(&sessions);
        *ret_n = n;
        return 0;
}

/**
 * state_remove() - forget a session
 * @folder_fd:  the state folder; the caller has the session's lock
 * @session:    its id, valid
 *
 * Return: 0, also if it is not there, or a negative errno.
 */
int state_remove(int folder_fd, const char *session) {
        char name[STATE_NAME_MAX], temporary[STATE_NAME_MAX + sizeof(".tmp")];

        state_name(session, name);
        /* what a helper that was killed while it wrote may have left */
        (void)snprintf(temporary, sizeof(temporary), "%s.tmp", name);
        (void)unlinkat(folder_fd, temporary, 0);
        return unlinkat(folder_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}
