/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One open session, as it is in the state folder.
 */

#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "base/cleanup.h"
#include "base/traffic.h"
#include "base/uuid.h"
#include "net/address.h"
#include "net/tcpinfo.h"
#include "store/pending.h"
#include "store/statefile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a total may be wrong: the first reason that there was. */
enum {
        ACCOUNT_CAUSE_NONE,
        ACCOUNT_CAUSE_BEGIN,    /* nothing counted at the connection's begin */
        ACCOUNT_CAUSE_LOST,     /* for some time nothing saw all of it */
        ACCOUNT_CAUSE_DIFFER,   /* rules and conntrack differ, and nothing tells which is right */
        ACCOUNT_CAUSE_FOREIGN,  /* more was counted than the socket can have moved */
        ACCOUNT_CAUSE_FOLLOWED, /* the next connection with its tuple began too early */
        ACCOUNT_CAUSE_SUBFLOWS, /* MPTCP: other subflows than the first moved bytes */
        ACCOUNT_CAUSES,
};

/*
 * The session's account: what each source had counted when it was last read, and what has to be
 * added to make it the session's total. account/account.c keeps it.
 */
struct account {
        struct known_traffic total;
        bool whole;    /* the total misses nothing, and has nothing of another connection */
        int64_t cause; /* why it is not: ACCOUNT_CAUSE_... */
        bool proven;   /* conntrack's entry was compared with the socket's own counters */

        struct known_traffic rules_last;
        struct known_traffic rules_offset; /* not known: the rules are new, or gone */
        bool rules_whole;                  /* the offset is exact */

        struct known_traffic conntrack_last;
        struct known_traffic conntrack_offset;
        bool conntrack_whole;
        int64_t conntrack_id;

        struct tcpinfo info;
};

/* Numbers are FIELD_UNKNOWN (-1) and texts NULL where they are not known. Moments are microseconds
 * of the named clock. Texts are owned. */
struct state {
        /* who and where: fixed at open */
        char *session;
        char *boot_id;
        int64_t opened_realtime;
        int64_t opened_boottime;
        int64_t pid;         /* the sshd process that opened it ... */
        int64_t pid_started; /* ... and its start time, proc(5), against a reused pid */
        int64_t inode;
        int64_t cookie;    /* of the socket, SO_COOKIE; MPTCP: of its first subflow */
        int64_t multipath; /* enum multipath */
        int64_t joins;     /* MPTCP: the subflows that had joined on this host when it was opened */
        int64_t interface; /* index of the one to which the socket is bound; 0: none */
        int64_t netns;     /* inode of its network namespace: only there its socket can be seen */
        struct endpoint local;
        struct endpoint remote;
        char *service;
        char *user;
        int64_t uid;
        char *rhost;
        char *auth_info; /* SSH_AUTH_INFO_0; no login waits for its fingerprint */
        int64_t audit_session;
        char *login_session;
        bool excluded;
        int64_t kinds; /* what it was seen to be for: those of enum loginkind (net/loginkind.h) */

        /* the bytes that it moved */
        char *preauth_source;
        struct known_traffic preauth;
        char *backend;
        struct account account;
        int64_t seen_boottime; /* when the account was last brought up to date */

        /* its end, as far as it is known */
        bool closed; /* sshd closed the PAM session; then: when, and TCP's state */
        int64_t closed_boottime;
        int64_t closed_tcp_state; /* TCP_ESTABLISHED ... of netinet/tcp.h */
        bool closed_stalled;
        int64_t gone_boottime; /* when the socket was first seen to be gone */
        bool concluded;        /* no more is read: the last readings are in the account */
        bool followed;         /* the rules are those of a later session, with the same tuple */

        /* what the log has: the next record's number, the totals of the last one, its moment */
        int64_t seq;
        struct known_traffic reported;
        int64_t reported_boottime;

        struct pending pending; /* records that are made */
        bool stopped;           /* the stop record is made: what remains is to clean up */
};

extern const struct statefile_kind state_kind;

struct state *state_free(struct state *state);
CLEANUP_DEFINE(struct state, state_free)

int state_new(struct state **ret_state);
int state_encode(const struct state *state, char **ret_data, size_t *ret_size);
int state_decode(const char *data, size_t size, struct state **ret_state, const char **ret_field);

/* The folder; statelock.h has its locks. */
int statefolder_open(const char *path, int *ret_fd);
int statefolder_load(int folder_fd, const char *session, struct state **ret_state,
                     const char **ret_field);
int statefolder_save(int folder_fd, const struct state *state, bool sync);
int statefolder_remove(int folder_fd, const char *session);
bool statefolder_is_outdated(int folder_fd, const char *session);
bool statefolder_is_aside(int folder_fd, const char *session);
int statefolder_set_aside(int folder_fd, const char *session);
int statefolder_list(int folder_fd, char (**ret_sessions)[UUID_TEXT_MAX], size_t *ret_n);

#endif
