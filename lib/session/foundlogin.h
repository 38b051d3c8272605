/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Logins for which there is no state, as a reap finds them.
 */

#ifndef SESSION_FOUNDLOGIN_H
#define SESSION_FOUNDLOGIN_H

#include "reading/onesession.h"
#include "store/log.h"
#include "store/sighting.h"

#include <stdbool.h>
#include <stddef.h>

struct sources;

/* A session that has a state. */
struct found_state {
        struct connection connection;
        int64_t cookie; /* or FIELD_UNKNOWN */
        int64_t pid;
        int64_t pid_started; /* likewise */
};

/* A connection that has none. */
struct found_socket {
        struct connection connection;
        uint64_t inode;
        uint64_t cookie;
        uint32_t interface; /* that it is bound to; 0: to none */
        bool multipath;     /* it is a subflow of MPTCP */
        struct monitor monitor;
        struct sighting sighting;
        bool due;             /* it is to be recorded now */
        struct log_last last; /* what the log has of it */
};

/* What a reap has seen, and what it finds. */
struct found {
        const struct session_context *context;
        struct sources *sources;
        const char *boot_id;
        int folder_fd;
        struct found_state *states;
        size_t n_states, states_room;
        struct found_socket *sockets;
        size_t n_sockets, sockets_room;
        bool failed; /* a state is not noted: then nothing is looked for */
        bool cut;    /* there are more than can be looked at */
};

#define FOUND_INIT \
        { .folder_fd = -1 }

#endif
