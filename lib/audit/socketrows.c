/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sockets as rows, and their owners.
 *
 * Owns: a socket's owner: the uid that /proc/net has, the lowest pid that has the socket open, that
 * process's program and login; and which connection is a login's own.
 * Relies on: /proc/net has uid 0 and inode 0 for a socket that no process has any more (TIME_WAIT),
 * or not yet: then the owner is not known.
 */

#include "audit/look.h"

#include <errno.h>
#include <string.h>

static bool socketrows_unspecified(const struct endpoint *endpoint) {
        static const struct address zero;

        return !endpoint->port && !memcmp(endpoint->address.bytes, zero.bytes, sizeof(zero.bytes));
}

/**
 * socketrows_take() - note a socket
 * @audit:      the audit
 * @protocol:   IPPROTO_TCP or IPPROTO_UDP
 * @socket:     the socket
 *
 * Return: 0, or a negative errno.
 */
int socketrows_take(struct audit *audit, uint8_t protocol, const struct socktable_row *socket) {
        struct audit_row row = {
                .connection = { .local = socket->local, .remote = socket->remote },
                .inode = socket->inode,
                .owner = AUDIT_OWNER_UNKNOWN,
                .age = AUDIT_UNKNOWN,
                .protocol = protocol,
                .state = socket->state,
                .flags = AUDIT_SOCKET,
        };

        if (socket->inode || socket->uid)
                row.owner.uid = socket->uid;
        if (socketrows_unspecified(&socket->remote)) {
                row.flags |= AUDIT_UNCONNECTED;
                row.connection.remote.address.family = socket->local.address.family;
                if (protocol == IPPROTO_UDP)
                        row.state = AUDIT_STATE_UNCONNECTED;
        }
        return rows_append(&audit->rows, &row);
}

/**
 * socketrows_hold() - note who has a socket
 * @audit:      the audit, with all sockets
 * @pid:        the process
 * @inode:      the socket
 *
 * Of several, the one with the lowest pid is most likely the one that the others came from.
 */
void socketrows_hold(struct audit *audit, pid_t pid, uint64_t inode) {
        struct audit_row *row = rows_find_inode(&audit->rows, inode);

        if (row && (uint32_t)pid < row->owner.pid)
                row->owner.pid = (uint32_t)pid;
}

/*
 * Whether a connection that no state tells of is a login's own: sshd has it, root accepted it, and
 * on a port where another process listens (sshd's forwards use sockets of the user's uid, and its
 * forwarded ports are listened on by the same process).
 */
static bool socketrows_is_login(const struct audit *audit, const struct audit_row *row,
                                const struct owner *owner) {
        const struct audit_row *listener;

        if (!owner->is_sshd || row->protocol != IPPROTO_TCP || row->owner.uid != 0 ||
            row->flags & AUDIT_UNCONNECTED)
                return false;
        listener = rows_find_local(&audit->rows, IPPROTO_TCP, &row->connection.local);
        return listener && listener->owner.pid != AUDIT_UNKNOWN &&
               listener->owner.pid != row->owner.pid;
}

/**
 * socketrows_own() - tell of each socket whose it is, when all of them and their holders are noted
 * @audit:      the audit
 *
 * Return: 0 or -ENOMEM.
 */
int socketrows_own(struct audit *audit) {
        for (uint32_t i = 0; i < audit->rows.n; i++) {
                struct audit_row *row = &audit->rows.rows[i];
                const struct owner *owner;

                if (row->owner.pid == AUDIT_UNKNOWN)
                        continue;
                if (owners_get(&audit->owners, row->owner.pid, &owner) < 0)
                        return -ENOMEM;
                row->owner.program = owner->program;
                row->owner.session = owner->session;
                if (!socketrows_is_login(audit, row, owner))
                        continue;
                row->flags |= AUDIT_LOGIN;
                if (owner->login)
                        row->owner.login_user = owner->login->user;
        }
        /* also where its sshd was killed, and only a child has the connection */
        for (size_t i = 0; i < audit->logins.n; i++) {
                const struct audit_login *login = &audit->logins.logins[i];
                struct audit_row *row = rows_find(&audit->rows, IPPROTO_TCP, &login->connection);

                if (!row)
                        continue;
                row->flags |= AUDIT_LOGIN;
                row->owner.session = login->session;
                row->owner.login_user = login->user;
        }
        return 0;
}
