/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the verbs open, start and close share, which sshd's module starts, with a request on
 * standard input.
 */

#ifndef HELPER_LOGINRUN_H
#define HELPER_LOGINRUN_H

#include "base/base.h"
#include "outlet.h"
#include "session/session.h"

struct loginrun {
        struct session_context context; /* its listener is syslog, unless somebody says otherwise */
        struct request request;         /* its texts are in data */
        struct settings *settings;
        uint64_t patience;
        char *data;
};

#define LOGINRUN_INIT \
        { .context.proc_fd = -1, .context.report = outlet_syslog }

int loginrun_begin(struct loginrun *login, const char *config, bool first);
int loginrun_read(struct loginrun *login);
void loginrun_end(struct loginrun *login);

void loginrun_acknowledge(enum ack ack);

#endif
