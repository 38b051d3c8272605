/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which SSH session a login of the users' ledger is.
 *
 * Owns: that an account and a session are of the same login if they have one boot and one audit
 * session. So it does not matter which of the two was recorded first, and whether the session was
 * over when the account began: a process that outlives its login may move something much later.
 * Relies on: the kernel gives each login an audit session of its own (pam_loginuid(8)). Where
 * several sessions have the same one, because sshd was started by hand within a login and its PAM
 * stack lacks that module, nobody knows whose an account is, and it is no session's.
 */

#include "index/sshlogins.h"

#include "base/uuid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/**
 * sshlogins_audit() - tell which login a record is of
 * @record:     the record
 *
 * Return: the kernel's number of its audit session, and one more; 0: it is of no login.
 */
int64_t sshlogins_audit(const struct record *record) {
        const int64_t audit = record->audit_session;

        return audit >= 0 && audit < (int64_t)UINT32_MAX ? audit + 1 : 0;
}

/**
 * sshlogins_text() - name a login
 * @audit:      what sshlogins_audit() told
 * @session:    the halves of the SSH session's id; 0: it is none, or it is not known which
 *
 * Return: the session's id, or "audit session 7", which the caller frees; NULL if there is no
 *         memory.
 */
char *sshlogins_text(int64_t audit, const int64_t session[static 2]) {
        const uint64_t number[] = { (uint64_t)session[0], (uint64_t)session[1] };
        char id[UUID_TEXT_MAX], *text;

        if (number[0] || number[1]) {
                uuid_text(number, id);
                return strdup(id);
        }
        return asprintf(&text, "audit session %" PRId64, audit - 1) < 0 ? NULL : text;
}

/**
 * sshlogins_put() - take what a record says of which session a login is
 * @db:         the database, in a transaction
 * @parties:    have the texts
 * @record:     the record, of either ledger, which logreader found good
 *
 * Return: 0, or as db_result().
 */
int sshlogins_put(struct db *db, struct parties *parties, const struct record *record) {
        const char *session = record_is_user(record)            ? record->ssh_session
                              : !strcmp(record->event, "start") ? record->session
                                                                : NULL;
        const int64_t audit = sshlogins_audit(record);
        uint64_t id[2];
        int64_t boot;
        int r;

        if (!audit || !session || !uuid_valid(session))
                return 0;
        uuid_number(session, id);
        r = parties_text(parties, db, record->boot_id, &boot);
        return r ? r
                 : db_write(db, DB_PUT_LOGIN,
                            (int64_t[]){ boot, audit, (int64_t)id[0], (int64_t)id[1] }, 4);
}
