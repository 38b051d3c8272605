/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The records of the users' ledger that are due at one moment: from the accounts to lines in the
 * log, once.
 *
 * Owns: the order of the steps: the lines are made, are pending in the accounts on disk, and are
 * then appended, all at once.
 */

#include "userledger/userbatch.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/patience.h"
#include "store/record.h"
#include "store/statelock.h"
#include "userledger/useraccounts.h"
#include "userledger/usergap.h"
#include "userledger/usernames.h"
#include "userledger/userrecord.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <syslog.h>

/* Records of one batch; what is due beyond them is for the next one. */
#define USERBATCH_MOST 20000

static int userbatch_save(struct userbatch *batch, bool sync) {
        int r = userfolder_save(batch->folder_fd, batch->state, sync);

        if (r < 0)
                context_report(batch->context, LOG_ERR,
                               "users' ledger: its accounts cannot be written in %s: %s",
                               batch->context->settings->state_dir, strerror(-r));
        return r;
}

static int userbatch_append(struct userbatch *batch) {
        const char *path = batch->context->settings->log_file;
        int r = pending_append(&batch->state->pending, batch->folder_fd, path,
                               batch->context->patience);

        if (r < 0) {
                context_report(batch->context, LOG_ERR,
                               "users' ledger: cannot write to %s: %s; the records wait in %s "
                               "until they can be written",
                               path, statelock_reason(r), batch->context->settings->state_dir);
                return r;
        }
        return userbatch_save(batch, true);
}

/**
 * userbatch_settle() - bring into the log what an earlier run made and perhaps did not append
 * @batch:      the accounts, as they were loaded
 *
 * Return: 0: nothing is pending any more; or a negative errno, which has been reported.
 */
int userbatch_settle(struct userbatch *batch) {
        const char *path = batch->context->settings->log_file;
        int r;

        if (!batch->state->pending.lines)
                return 0;
        r = pending_look(&batch->state->pending, path);
        if (r < 0) {
                context_report(batch->context, LOG_ERR,
                               "users' ledger: cannot tell whether its records are in %s: %s", path,
                               strerror(-r));
                return r;
        }
        return userbatch_append(batch);
}

/* The marks that are due are pending then, also where records wait already: they are few. */
static int userbatch_mark(struct userbatch *batch) {
        struct userstate *state = batch->state;
        int r = 0;

        for (size_t i = 0; !r && i < state->n_marks; i++) {
                _cleanup_(record_freep) struct record *record = NULL;
                _cleanup_(freep) char *line = NULL;
                size_t size;

                r = usergap_make(&state->marks[i], &record);
                if (!r)
                        r = record_encode(record, &line, &size);
                if (!r)
                        r = pending_add(&state->pending, batch->context->settings->log_file, line);
        }
        state->n_marks = 0;
        return r;
}

static int userbatch_older(const void *a, const void *b) {
        const struct useraccount *const *x = a, *const *y = b;

        return ((*x)->reported_at > (*y)->reported_at) - ((*x)->reported_at < (*y)->reported_at);
}

/* Note which accounts get a record now: not too many, and those that have waited longest. Return:
 * how many, or -ENOMEM. */
static ssize_t userbatch_choose(struct userbatch *batch, uint64_t interval) {
        _cleanup_(freep) struct useraccount **due = NULL;
        uint64_t boottime = clock_now(CLOCK_BOOTTIME);
        size_t n = 0;

        due = calloc(batch->state->n + 1, sizeof(*due));
        if (!due)
                return -ENOMEM;
        for (size_t i = 0; i < batch->state->n; i++) {
                struct useraccount *account = &batch->state->accounts[i];

                account->due = useraccounts_is_due(account, boottime, interval);
                account->quiet = account->due &&
                                 useraccounts_slept(batch->state, account, boottime, interval);
                if (account->due)
                        due[n++] = account;
        }
        if (n <= USERBATCH_MOST)
                return (ssize_t)n;
        qsort(due, n, sizeof(*due), userbatch_older);
        for (; n > USERBATCH_MOST; batch->rest++)
                n--, due[n]->due = due[n]->quiet = false;
        return (ssize_t)n;
}

static int userbatch_put(struct userbatch *batch, const struct useraccount *account, bool quiet,
                         FILE *stream) {
        _cleanup_(record_freep) struct record *record = NULL;
        _cleanup_(freep) char *line = NULL;
        size_t size;
        int r = userrecord_make(batch->state, account, quiet, &record);

        if (!r)
                r = record_encode(record, &line, &size);
        if (!r && fwrite(line, 1, size, stream) != size)
                r = -ENOMEM;
        return r;
}

/* The lines of all records that are due. */
static int userbatch_lines(struct userbatch *batch, char **ret_lines) {
        size_t size;
        FILE *stream = open_memstream(ret_lines, &size);
        int r = 0;

        if (!stream)
                return -ENOMEM;
        for (size_t i = 0; !r && i < batch->state->n; i++) {
                struct useraccount *account = &batch->state->accounts[i];

                if (account->quiet) {
                        r = userbatch_put(batch, account, true, stream);
                        account->seq++;
                }
                if (!r && account->due)
                        r = userbatch_put(batch, account, false, stream);
        }
        if (fclose(stream) != 0 && !r)
                r = -ENOMEM;
        return r;
}

/* The records are pending: the accounts move on. */
static void userbatch_reported(struct userbatch *batch) {
        int64_t boottime = (int64_t)clock_now(CLOCK_BOOTTIME);

        for (size_t i = 0; i < batch->state->n; i++) {
                struct useraccount *account = &batch->state->accounts[i];

                if (!account->due)
                        continue;
                account->seq++;
                memcpy(account->reported, account->total, sizeof(account->reported));
                account->reported_at = boottime;
                account->whole = true;
                account->due = account->quiet = account->woke = false;
        }
}

/* Forget the accounts that have nothing more to tell. */
static void userbatch_drop(struct userbatch *batch) {
        for (size_t i = batch->state->n; i-- > 0;) {
                const struct useraccount *account = &batch->state->accounts[i];

                if (account->over && !useraccounts_has_news(account))
                        userstate_drop(batch->state, i);
        }
}

/* Make the records that are due, which are pending then. */
static int userbatch_make(struct userbatch *batch, uint64_t interval) {
        _cleanup_(freep) char *lines = NULL;
        ssize_t n;
        int r;

        batch->rest = 0;
        /* while the log cannot be written, records that wait are enough */
        if (batch->state->pending.lines)
                return 0;
        n = userbatch_choose(batch, interval);
        if (n <= 0)
                return (int)n;
        usernames_fill(batch->state, clock_now(CLOCK_MONOTONIC) + USERNAMES_PATIENCE);
        r = userbatch_lines(batch, &lines);
        if (!r)
                r = pending_add(&batch->state->pending, batch->context->settings->log_file, lines);
        if (!r)
                userbatch_reported(batch);
        batch->state->changed = true;
        return r;
}

/**
 * userbatch_write() - save the accounts, and append the records that are due
 * @batch:      the accounts, up to date
 * @interval:   the time between two records of one account, microseconds
 *
 * Return: 0, or a negative errno, which has been reported: then the records stay pending, or, where
 *         that could not be written down, were never made.
 */
int userbatch_write(struct userbatch *batch, uint64_t interval) {
        bool waiting = batch->state->pending.lines != NULL;
        int r = userbatch_make(batch, interval);

        if (!r)
                r = userbatch_mark(batch);
        if (r < 0) {
                context_report(batch->context, LOG_ERR,
                               "users' ledger: cannot make its records: %s", strerror(-r));
                return r;
        }
        userbatch_drop(batch);
        /* an idle ledger is not written again and again, but as often as a record would tell */
        if (!batch->state->changed &&
            batch->state->seen_realtime - batch->state->seen_before < (int64_t)interval)
                return 0;
        r = userbatch_save(batch, batch->state->pending.lines != NULL);
        return r < 0 || waiting || !batch->state->pending.lines ? r : userbatch_append(batch);
}
