/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One record of the log: see pam_traffic-records(5), and docs/contract.md, "Records".
 */

#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/cleanup.h"
#include "pam_traffic/recordkeys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_UNKNOWN (-1)

/* event is "start", "interim" or "stop" of a login, or "port": what all TCP connections of a local
 * port moved, logins or not. That has time, host, boot_id, local_port, backend, the totals in_bytes
 * to out_packets (since its account began; one account per port and boot, of which session is the
 * id) and delta_in_bytes, delta_out_bytes (since its record before); excluded is false; complete is
 * false if this delta may miss bytes; what else there is does not apply.
 *
 * Or it is "user": what the sockets of a user moved, those of a login apart from the others; or the
 * sockets of the kernel (socket_owner says which). Its totals are since its account began, of which
 * session is the id; what went to excluded networks has keys of its own. ssh_session is the id of
 * the login, which has records of its own with this boot_id and audit_session.
 *
 * Or it is a mark: "off" from when on logins are not recorded, or not wholly, and "on" again. It
 * has time, host, boot_id and, with off, incomplete_cause: why; session is an id of its own. Of the
 * users' ledger the marks are "users-off" and "users-on".
 *
 * Numbers are RECORD_UNKNOWN and texts NULL where they are not known or do not apply. Texts are
 * owned. The members' names are the keys. */
struct record {
        int64_t v;
        char *event;
        char *time;
        char *host;
        char *boot_id;
        char *session;
        int64_t seq;
        char *service;
        char *user;
        int64_t uid;
        int64_t pid;
        char *rhost;
        char *family;
        char *local_addr;
        int64_t local_port;
        char *remote_addr;
        int64_t remote_port;
        char *auth_method;
        char *auth_key;
        int64_t audit_session;
        char *login_session;
        bool excluded;
        char *backend;
        int64_t in_bytes;
        int64_t in_packets;
        int64_t out_bytes;
        int64_t out_packets;
        int64_t preauth_in_bytes;
        int64_t preauth_in_packets;
        int64_t preauth_out_bytes;
        int64_t preauth_out_packets;
        char *preauth_source;
        int64_t delta_in_bytes;
        int64_t delta_out_bytes;
        int64_t tcp_in_bytes;
        int64_t tcp_out_bytes;
        int64_t tcp_in_segments;
        int64_t tcp_out_segments;
        int64_t tcp_retrans_bytes;
        int64_t tcp_min_rtt_us;
        int64_t wire_in_bytes;
        int64_t wire_out_bytes;
        int64_t duration; /* microseconds; seconds in the log */
        char *terminate_cause;
        bool complete;
        char *incomplete_cause;    /* man page, pam_traffic-records(5) */
        int64_t excluded_in_bytes; /* of a session that is excluded, or of a user with excluded
                                    * networks; in no sum */
        int64_t excluded_out_bytes;
        char *kind;         /* what the login was for; net/loginkind.h */
        char *socket_owner; /* "user" only: whose the sockets are */
        char *ssh_session;  /* "user" only: the login's session, if it is open */
        int64_t excluded_in_packets;
        int64_t excluded_out_packets;
        int64_t delta_excluded_in_bytes;
        int64_t delta_excluded_out_bytes;
        int64_t process_in_bytes; /* what the login's processes moved beside its connection */
        int64_t process_in_packets;
        int64_t process_out_bytes;
        int64_t process_out_packets;
};

enum {
        RECORD_E_INVALID = 1, /* not a record; the key at fault is handed out */
};

#define RECORD_VERSION PAM_TRAFFIC_RECORD_VERSION

/* The longest line of a record, without its newline. A login's texts fit into a request of 32 KiB
 * (REQUEST_MAX); JSON makes at most six bytes of one, and the rest of a record has 2 KiB. */
#define RECORD_LINE_MAX ((size_t)256 * 1024)

int record_new(struct record **ret_record);
struct record *record_free(struct record *record);
CLEANUP_DEFINE(struct record, record_free)

bool record_is_port(const struct record *record);
bool record_is_mark(const struct record *record);
bool record_is_users_mark(const struct record *record);
bool record_is_user(const struct record *record);
bool record_is_session(const struct record *record);

int record_encode(const struct record *record, char **ret_line, size_t *ret_size);
int record_decode(const char *line, size_t size, struct record **ret_record,
                  const char **ret_field);

#endif
