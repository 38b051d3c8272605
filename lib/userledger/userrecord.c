/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A record of an account of the users' ledger.
 *
 * Owns: which member of the account becomes which key, and the deltas.
 * Does not: change anything, or write the record; userledger.c does.
 */

#include "userledger/userrecord.h"

#include "base/clock.h"
#include "base/text.h"
#include "store/fields.h"

#include <limits.h>
#include <unistd.h>

static const char *userrecord_owner(const struct useraccount *account) {
        static const char *const words[USERACCOUNT_WHOS] = {
                [USERACCOUNT_USER] = "user",
                [USERACCOUNT_KERNEL] = "kernel",
                [USERACCOUNT_UNKNOWN] = "unknown",
                [USERACCOUNT_REST] = "rest",
        };

        return words[account->who];
}

static void userrecord_counters(const struct useraccount *account, bool quiet,
                                struct record *record) {
        const struct traffic *totals = quiet ? account->reported : account->total;
        const struct traffic *t = &totals[USERACCOUNT_COUNTED];
        const struct traffic *x = &totals[USERACCOUNT_EXCLUDED];
        const struct traffic *before = &account->reported[USERACCOUNT_COUNTED];
        const struct traffic *x_before = &account->reported[USERACCOUNT_EXCLUDED];

        record->in_bytes = (int64_t)t->in.bytes;
        record->in_packets = (int64_t)t->in.packets;
        record->out_bytes = (int64_t)t->out.bytes;
        record->out_packets = (int64_t)t->out.packets;
        record->delta_in_bytes = (int64_t)(t->in.bytes - before->in.bytes);
        record->delta_out_bytes = (int64_t)(t->out.bytes - before->out.bytes);
        record->excluded_in_bytes = (int64_t)x->in.bytes;
        record->excluded_in_packets = (int64_t)x->in.packets;
        record->excluded_out_bytes = (int64_t)x->out.bytes;
        record->excluded_out_packets = (int64_t)x->out.packets;
        record->delta_excluded_in_bytes = (int64_t)(x->in.bytes - x_before->in.bytes);
        record->delta_excluded_out_bytes = (int64_t)(x->out.bytes - x_before->out.bytes);
}

static int userrecord_fill(const struct userstate *state, const struct useraccount *account,
                           bool quiet, struct record *record) {
        int64_t realtime = quiet           ? state->seen_before
                           : account->over ? account->ended
                                           : state->seen_realtime;
        char time[CLOCK_TEXT_MAX], host[HOST_NAME_MAX + 1] = "";
        int r;

        clock_format((uint64_t)realtime, time);
        (void)gethostname(host, sizeof(host) - 1);
        record->seq = account->seq;
        record->uid = account->uid;
        record->audit_session = account->session;
        record->complete = quiet || account->whole;
        userrecord_counters(account, quiet, record);

        r = text_copy(&record->event, "user");
        if (!r)
                r = text_copy(&record->time, time);
        if (!r)
                r = text_copy(&record->host, host);
        if (!r)
                r = text_copy(&record->boot_id,
                              account->boot_id ? account->boot_id : state->boot_id);
        if (!r)
                r = text_copy(&record->session, account->id);
        if (!r)
                r = text_copy(&record->user, account->user);
        if (!r)
                r = text_copy(&record->ssh_session, account->ssh_session);
        if (!r)
                r = text_copy(&record->socket_owner, userrecord_owner(account));
        if (!r && !record->complete)
                r = text_copy(&record->incomplete_cause, account->boot_id ? "reboot" : "lost");
        return r;
}

/**
 * userrecord_make() - make an account's next record, and write it nowhere
 * @state:      the accounts
 * @account:    one of them
 * @quiet:      that of the reading before the last one, when it had moved nothing for long
 * @ret_record: the record
 *
 * Return: 0 or -ENOMEM.
 */
int userrecord_make(const struct userstate *state, const struct useraccount *account, bool quiet,
                    struct record **ret_record) {
        _cleanup_(record_freep) struct record *record = NULL;
        int r = record_new(&record);

        if (!r)
                r = userrecord_fill(state, account, quiet, record);
        if (!r)
                *ret_record = pointer_steal(&record);
        return r;
}
