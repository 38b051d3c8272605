/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What open, start and close share: sshd's module started them, with a request on standard input.
 */

#ifndef HELPER_LOGIN_H
#define HELPER_LOGIN_H

#include "pam_traffic/cleanup.h"
#include "pam_traffic/session.h"
#include "report.h"

struct login {
        struct session_context context; /* its listener is syslog, unless somebody says otherwise */
        struct request request;         /* its texts are in data */
        struct settings *settings;
        uint64_t patience;
        char *data;
};

#define LOGIN_INIT \
        { .context.proc_fd = -1, .context.report = report_syslog }

int login_begin(struct login *login, const char *config, bool first);
int login_read(struct login *login);
void login_end(struct login *login);

void login_acknowledge(enum ack ack);

#endif
