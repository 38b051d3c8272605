/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A little model of a kernel and an sshd, below the real session code: sockets, conntrack's
 * entries, rules, and a clock that goes on when somebody waits. It takes the place of
 * lib/netfilter, of socket diagnosis and of the clock. What each socket truly moved is known.
 */

#ifndef PAM_TRAFFIC_TESTS_SESSION_MODEL_H
#define PAM_TRAFFIC_TESTS_SESSION_MODEL_H

#include "netfilter/changes.h"
#include "netfilter/conntrack.h"
#include "request/request.h"
#include "session/session.h"

#define MODEL_PLACES 3
#define MODEL_SOCKETS 16
#define MODEL_PORT 1000 /* the remote port of the first place */
#define MODEL_KILLED 99 /* exit status of a process that was killed */

/* What there is for the addresses and ports of a connection. */
struct model_place {
        bool has_entry, entry_ended, entry_reset, has_rules;
        uint32_t id;
        struct traffic entry, rules;
        struct model_socket *socket; /* NULL: none is there now */
        struct model_socket *last;   /* that there was */
};

struct model_socket {
        struct model_place *place;
        uint64_t cookie;
        struct tcpinfo info;
        struct traffic truth;
        bool opened;  /* sshd let it in */
        bool told;    /* a helper has recorded it */
        bool started; /* at once, and not only when the next helper came */
        bool missed;  /* conntrack did not see its RST */
        bool heir;    /* conntrack's entry was there before */
        uint64_t ended;
        unsigned int faults;
        struct request request;
};

struct model {
        uint64_t now;
        uint64_t seed;
        bool busy;        /* packets come while somebody reads */
        uint64_t kill_in; /* so many steps from now the process is killed; 0: it is not */
        struct model_place places[MODEL_PLACES];
        struct model_socket sockets[MODEL_SOCKETS];
        size_t n_sockets;
};

/* Shared with the processes that work for sessions. */
extern struct model *model;

uint64_t model_random(uint64_t below);
struct model_socket *model_connect(struct model_place *place);
void model_flow(struct model_socket *socket, uint64_t in, uint64_t out);
void model_end(struct model_socket *socket, bool reset, bool seen);
void model_spoof(struct model_place *place, uint64_t packets, uint64_t payload);

#endif
