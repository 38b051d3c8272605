/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Logins that have no state, in the form in which a reap finds them.
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

/* A connection that has no state. */
struct found_socket {
        struct connection connection;
        uint64_t inode;
        uint64_t cookie;
        uint32_t interface; /* the one to which it is bound; 0: none */
        bool multipath;     /* it is a subflow of MPTCP */
        struct monitor monitor;
        struct sighting sighting;
        bool due;                /* it is to be recorded now */
        struct loglast_end last; /* the last record of it in the log */
};

/* The states and connections that a reap has read, and the logins that it finds. */
struct found {
        const struct session_context *context;
        struct sources *sources;
        const char *boot_id;
        int folder_fd;
        struct found_state *states;
        size_t n_states, states_room;
        struct found_socket *sockets;
        size_t n_sockets, sockets_room;
        bool failed; /* a state is not in the list (no memory): then no login is searched */
        bool cut;    /* there are more connections than can be checked */
};

#define FOUND_INIT \
        { .folder_fd = -1 }

#endif
