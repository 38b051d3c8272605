/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The locks of the state folder: one for each session, and one for each thing that exists once.
 *
 * Owns: the file `lock`, which only root can open (0600). Everybody who can open a file, even for
 * reading only, can lock it with flock(2), and so keep us waiting; this file only root can open.
 * The locks are byte ranges of it. A session's offset is made from its id, so no lock files are
 * left behind, and a state file can be replaced while its session is locked. Two sessions with the
 * same offset only wait for each other.
 * Relies on: open file description locks (fcntl(2), F_OFD_SETLK), which end with the process.
 * Does not: wait without a deadline. Programs whose configurations have different state folders do
 * not wait for each other, but for the pins of the users' ledger, which a host has once: their lock
 * is below /run, so that a state folder that cannot be written keeps nobody from counting.
 */

#include "store/statelock.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/patience.h"
#include "config.h"
#include "store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Behind those of sessions, which are numbers of 48 bits. An earlier release has the same bytes for
 * sessions and ports; the log it locks by flock(2). So during an upgrade two may write to the log
 * at once: each line is one write, at the end (O_APPEND), and stays whole. Who looks at the end in
 * the middle of another's write may put an empty line behind that; and where a line that a full
 * disk cut short is taken back, one of the other's that came just then goes with it. */
#define STATELOCK_OFFSET ((off_t)1 << 48)

static int statelock_take_byte(int folder_fd, off_t offset, uint64_t deadline, int *ret_fd) {
        struct flock lock = {
                .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1
        };
        uint64_t interval = STATELOCK_INTERVAL_FIRST;
        _cleanup_(fd_closep) int fd = -1;

        fd = openat(folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        while (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
                if (errno != EAGAIN && errno != EACCES && errno != EINTR)
                        return -errno;
                if (clock_now(CLOCK_MONOTONIC) >= deadline)
                        return -ETIMEDOUT;
                clock_sleep(interval);
                interval = STATELOCK_INTERVAL;
        }
        *ret_fd = fd_steal(&fd);
        return 0;
}

/**
 * statelock_take() - become the only one who works on something that there is once
 * @folder_fd:  the state folder
 * @lock:       what
 * @deadline:   how long to wait, CLOCK_MONOTONIC in microseconds; past: it is tried once
 * @ret_fd:     the lock; it is given back when this is closed
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int statelock_take(int folder_fd, enum statelock lock, uint64_t deadline, int *ret_fd) {
        return statelock_take_byte(folder_fd, STATELOCK_OFFSET + (off_t)lock, deadline, ret_fd);
}

/**
 * statelock_take_at() - the same, by the path of the state folder
 * @path:       its absolute path; it is made where it is missing, as statefolder_open() does
 * @lock:       what
 * @deadline:   how long to wait, CLOCK_MONOTONIC in microseconds; past: it is tried once
 * @ret_fd:     the lock; it is given back when this is closed
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int statelock_take_at(const char *path, enum statelock lock, uint64_t deadline, int *ret_fd) {
        _cleanup_(fd_closep) int folder_fd = -1;
        int r = statefolder_open(path, &folder_fd);

        return r < 0 ? r : statelock_take(folder_fd, lock, deadline, ret_fd);
}

/**
 * statelock_take_pins() - become the only one who makes or takes away what counts for users
 * @deadline:   how long to wait, CLOCK_MONOTONIC in microseconds; past: it is tried once
 * @ret_fd:     the lock; it is given back when this is closed
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int statelock_take_pins(uint64_t deadline, int *ret_fd) {
        _cleanup_(fd_closep) int folder_fd = -1;

        if (mkdir(PATH_RUN, 0700) < 0 && errno != EEXIST)
                return -errno;
        folder_fd = open(PATH_RUN, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        return folder_fd < 0 ? -errno : statelock_take(folder_fd, STATELOCK_PINS, deadline, ret_fd);
}

/**
 * statelock_take_session() - become the only one who works on a session
 * @folder_fd:  the state folder
 * @session:    its id, valid
 * @deadline:   how long to wait, CLOCK_MONOTONIC in microseconds; past: it is tried once
 * @ret_fd:     the lock; it is given back when this is closed
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int statelock_take_session(int folder_fd, const char *session, uint64_t deadline, int *ret_fd) {
        uint64_t offset = 0;

        /* the last 12 digits are random bits, RFC 9562 section 5.7 */
        if (!uuid_valid(session) || number_parse(session + 24, 12, 16, INT64_MAX - 1, &offset) < 0)
                return -EINVAL;
        return statelock_take_byte(folder_fd, (off_t)offset, deadline, ret_fd);
}

/**
 * statelock_reason() - say why what needs a lock was not done
 * @error:      a negative errno, -ETIMEDOUT if the lock was not to be had
 *
 * Return: the rest of a sentence; valid until the next strerror(3).
 */
const char *statelock_reason(int error) {
        return error == -ETIMEDOUT ? "another process of pam_traffic is working on it, or hangs"
                                   : strerror(-error);
}
