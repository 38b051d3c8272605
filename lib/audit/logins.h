/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The open logins, as the state folder has them: by the sshd process that opened each.
 */

#ifndef AUDIT_LOGINS_H
#define AUDIT_LOGINS_H

#include "audit/names.h"
#include "net/address.h"

#include <stdint.h>

struct audit_login {
        int64_t pid;
        uint64_t started; /* proc(5), against a reused pid */
        struct connection connection;
        uint32_t session; /* a name */
        uint32_t user;    /* likewise */
};

struct logins {
        struct audit_login *logins; /* by pid, after logins_sort() */
        size_t n;
        bool known; /* there is a state folder, and it was read */
};

int logins_read(const char *state_dir, struct names *names, struct logins *ret_logins);
void logins_sort(struct logins *logins);
void logins_clear(struct logins *logins);
const struct audit_login *logins_find(const struct logins *logins, int64_t pid, uint64_t started);

#endif
