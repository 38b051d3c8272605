/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The processes that have sockets open: their program, and the login to which they belong.
 */

#ifndef AUDIT_OWNERS_H
#define AUDIT_OWNERS_H

#include "audit/audit.h"
#include "audit/logins.h"
#include "audit/names.h"
#include "base/map.h"

struct owner {
        uint32_t pid;
        uint32_t program;
        uint32_t session;
        bool is_sshd;
        const struct audit_login *login; /* whose session it is */
};

struct owners {
        int proc_fd;
        struct names *names;
        const struct logins *logins;
        struct owner *owners;
        struct map by_pid;
        uint32_t n, room;
        uint32_t last; /* most sockets have the holder of the one before */
};

void owners_init(struct owners *owners, int proc_fd, struct names *names,
                 const struct logins *logins);
void owners_clear(struct owners *owners);
int owners_get(struct owners *owners, uint32_t pid, const struct owner **ret_owner);

#endif
