/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The locks of the state folder: all locks by which our programs wait for one another.
 */

#ifndef STORE_STATELOCK_H
#define STORE_STATELOCK_H

#include <stdint.h>

/* What there is one of, beside the sessions. */
enum statelock {
        STATELOCK_PORTS, /* the accounts of local ports */
        STATELOCK_LOG,   /* the end of the record log */
        STATELOCK_USAGE, /* the folder with a file for each user */
        STATELOCK_PAM,   /* the files of PAM's services */
        STATELOCK_USERS, /* the accounts of users */
        STATELOCK_PINS,  /* what the kernel counts them by, made and taken away: _take_pins() */
};

int statelock_take(int folder_fd, enum statelock lock, uint64_t deadline, int *ret_fd);
int statelock_take_at(const char *path, enum statelock lock, uint64_t deadline, int *ret_fd);
int statelock_take_pins(uint64_t deadline, int *ret_fd);
int statelock_take_session(int folder_fd, const char *session, uint64_t deadline, int *ret_fd);
const char *statelock_reason(int error);

#endif
