/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One open session, as it stands in the state folder.
 */

#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "pam_traffic/address.h"
#include "pam_traffic/cleanup.h"
#include "pam_traffic/tcpinfo.h"
#include "pam_traffic/traffic.h"

#include <stdbool.h>
#include <stdint.h>

/* Numbers are FIELD_UNKNOWN (-1) and texts NULL where they are not known. Moments are microseconds
 * of the named clock. Texts are owned. */
struct state {
        char *session;
        char *boot_id;
        int64_t opened_realtime;
        int64_t opened_boottime;
        int64_t pid;
        int64_t inode;
        struct endpoint local;
        struct endpoint remote;
        char *service;
        char *user;
        int64_t uid;
        char *rhost;
        char *auth_method;
        char *auth_key;
        int64_t audit_session;
        char *login_session;
        bool excluded;

        /* what was read before the shell: phase 1 */
        char *preauth_source;
        struct known_traffic preauth;
        struct tcpinfo info;
        int64_t conntrack_id;

        /* how the rules' counters become totals: phase 2 */
        char *backend;
        struct known_traffic offset; /* total = offset + rules */
        bool offset_exact;           /* traffic paused while it was fixed */

        /* what the log has: the next record's number, and the totals of the last one */
        int64_t seq;
        struct known_traffic reported;
};

enum {
        STATE_E_NOT_FOUND = 1, /* no such session */
        STATE_E_INVALID,       /* the file is damaged; what and where is handed out */
};

struct state *state_free(struct state *state);
CLEANUP_DEFINE(struct state, state_free)

int state_new(struct state **ret_state);
int state_encode(const struct state *state, char **ret_data, size_t *ret_size);
int state_decode(const char *data, size_t size, struct state **ret_state, const char **ret_field);

/* The folder. */
int state_folder_open(const char *path, int *ret_fd);
int state_lock(int folder_fd, const char *session, uint64_t deadline, int *ret_fd);
int state_load(int folder_fd, const char *session, struct state **ret_state,
               const char **ret_field);
int state_save(int folder_fd, const struct state *state, bool sync);
int state_remove(int folder_fd, const char *session);

#endif
