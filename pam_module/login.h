/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One login: what is known of it from open to close.
 */

#ifndef PAM_MODULE_LOGIN_H
#define PAM_MODULE_LOGIN_H

#include "base/base.h"
#include "request/request.h"

#include <security/pam_modules.h>

struct login {
        struct request request; /* its texts are below */
        /* as they were at open */
        char *service, *user, *rhost, *auth_info, *login_session;
        char *config;      /* its path, or NULL */
        uint64_t patience; /* how long the start of a helper may take, microseconds */
        bool opened;       /* its close is to be told to the helper */
        bool left;         /* its open was left to a reap, and so is its close */
};

int login_new(pam_handle_t *pamh, const char *config, struct login **ret_login);
struct login *login_free(struct login *login);
CLEANUP_DEFINE(struct login, login_free)

int login_encode(const struct login *login, char **ret_data, size_t *ret_size);
int login_close(struct login *login, bool *ret_left);
int login_leave(const struct login *login, const char *verb);

int login_keep(pam_handle_t *pamh, struct login *login);
struct login *login_kept(pam_handle_t *pamh);

#endif
