/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The module's request to the helper, and the helper's answer.
 *
 * Owns: the request (the helper's standard input: one for open, one for close of a session) and the
 * acknowledgement (its standard output), both versioned and bounded, both pure.
 * Relies on: nothing outside. The two ends may be of different releases, because a running sshd
 * keeps the module that it has loaded while the helper on disk is replaced. So names that are not
 * known are skipped, and only a change of meaning raises the version.
 */

#ifndef REQUEST_REQUEST_H
#define REQUEST_REQUEST_H

#include "base/uuid.h"
#include "net/address.h"
#include "net/tcpinfo.h"
#include "pam_traffic/protocol.h"
#include "request/spooltext.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define REQUEST_MAX PAM_TRAFFIC_REQUEST_MAX

/* Moments are microseconds. A text that is not known is NULL; all texts are hostile. */
struct request {
        char session[UUID_TEXT_MAX];
        uint64_t opened_realtime; /* CLOCK_REALTIME when the session was opened */
        uint64_t opened_boottime; /* CLOCK_BOOTTIME at the same moment */
        uint64_t closed_boottime; /* close: CLOCK_BOOTTIME when sshd closed it; 0: not said */
        pid_t pid;                /* the sshd process that opened it */
        struct connection connection;
        uint64_t inode;     /* of the client's socket */
        uint64_t cookie;    /* the socket's SO_COOKIE, which no other one has; 0: not known */
        uint8_t multipath;  /* enum multipath; what it was at open, at close what it is then */
        uint32_t interface; /* 1 + the index of the socket's bound interface; 0: not known */
        struct tcpinfo info;
        bool acknowledged; /* close: the helper said that the session was recorded */
        bool abandoned;    /* close: the helper of its open ended before it said that */
        const char *service;
        const char *user;
        const char *rhost;
        const char *auth_info; /* SSH_AUTH_INFO_0 */
        const char *login_session;
        const char *boot_id; /* for requests in the spool: the reap may run after another boot */
};

enum {
        REQUEST_E_VERSION = 1, /* written by a release with another meaning of the names */
        REQUEST_E_INCOMPLETE,  /* its last record is missing */
        REQUEST_E_INVALID,     /* a field is missing, doubled or has a bad value */
};

int request_encode(const struct request *request, char *data, size_t room, size_t *ret_size);
int request_decode(const char *data, size_t size, struct request *ret_request,
                   const char **ret_field);

enum ack {
        ACK_NONE,     /* nothing, or not yet a whole line */
        ACK_RECORDED, /* phase 1: the session is on disk, pre-auth traffic has been read */
        ACK_COUNTING, /* phase 2: rules are in place, the start record is written */
        ACK_FAILED,   /* the helper said that it could not; the text is in its syslog line */
        ACK_GARBAGE,  /* not an acknowledgement */
};

/* The longest line; a line without its newline within that many bytes is garbage. */
#define ACK_MAX 64

enum ack ack_parse(const char *data, size_t size, size_t *ret_used);
const char *ack_line(enum ack ack);

#endif
