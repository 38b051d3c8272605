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

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/**
 * sshlogins_name() - name the login of a record
 * @record:     the record
 * @ret_name:   "BOOT_ID AUDIT_SESSION", which the caller frees; NULL: it is of no login
 *
 * Return: 0 or -ENOMEM.
 */
int sshlogins_name(const struct record *record, char **ret_name) {
        *ret_name = NULL;
        if (record->audit_session < 0)
                return 0;
        return asprintf(ret_name, "%s %" PRId64, record->boot_id ? record->boot_id : "",
                        record->audit_session) < 0
                       ? -ENOMEM
                       : 0;
}

/**
 * sshlogins_audit_session() - say in words which login it is that is no SSH session
 * @name:       what sshlogins_name() made, as the database has it
 *
 * Return: "audit session 7", which the caller frees; NULL if there is no memory.
 */
char *sshlogins_audit_session(const char *name) {
        const char *space = strrchr(name, ' ');
        char *text;

        return asprintf(&text, "audit session %s", space ? space + 1 : name) < 0 ? NULL : text;
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
        _cleanup_(freep) char *name = NULL;
        int64_t login, id;
        int r;

        if (!session || record->audit_session < 0)
                return 0;
        r = sshlogins_name(record, &name);
        if (!r)
                r = parties_text(parties, db, name, &login);
        if (!r)
                r = parties_text(parties, db, session, &id);
        if (!r)
                r = db_write(db, DB_PUT_LOGIN, (int64_t[]){ login, id }, 2);
        return r;
}
