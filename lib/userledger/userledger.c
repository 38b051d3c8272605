/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The users' ledger: what each user and each login moved, by any program.
 *
 * Owns: the order of the steps of a reap. What the kernel counted is read, added to the accounts,
 * and saved with the records that are due, which are pending then (store/pending.h). Only after
 * that they are appended to the log. So whatever is killed in between, what was read is counted
 * once. If the accounts cannot be saved, nothing is appended: the kernel goes on counting, and a
 * later record has all bytes.
 * With users = no, what counts is taken away first and read then: the open maps outlast the pins.
 * Relies on: the lock STATELOCK_USERS. Nothing here is waited for by a login.
 */

#include "userledger/userledger.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/patience.h"
#include "base/text.h"
#include "store/fields.h"
#include "store/statelock.h"
#include "store/userstate.h"
#include "userledger/useraccounts.h"
#include "userledger/userbatch.h"
#include "userledger/usergap.h"
#include "userledger/userkeep.h"
#include "userledger/userload.h"
#include "userledger/userreading.h"
#include "usermap/userexclude.h"
#include "usermap/userowners.h"
#include "usermap/usersubordinates.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* One run. */
struct userledger {
        const struct session_context *context;
        int folder_fd;
        int lock_fd;
        const char *boot_id;
        const struct userlive *live; /* NULL: all logins are over */
        struct userreading reading;
        struct subuid subuid;
        struct userstate *state;
        enum userload loaded;
};

static void userledger_end(struct userledger *run) {
        userreading_close(&run->reading);
        subuid_clear(&run->subuid);
        run->state = userstate_free(run->state);
        run->lock_fd = fd_close(run->lock_fd);
}

static int userledger_failed(const struct session_context *context, const char *what, int r) {
        context_report(context, LOG_ERR, "users' ledger: %s: %s", what, usermap_reason(r));
        return r < 0 ? r : -EIO;
}

static uint64_t userledger_interval(const struct userledger *run) {
        uint64_t interval = run->context->settings->interim_interval;

        return interval ? interval : PORTS_INTERVAL;
}

/* Tell the kernel what it counts by, and for whom. */
static int userledger_tell(const struct session_context *context, struct usermap *map,
                           struct subuid *subuid) {
        const struct settings *settings = context->settings;
        int r = userexclude_set(map, settings->exclude, settings->n_exclude);

        if (r < 0)
                return userledger_failed(context, "cannot set the excluded networks", r);
        /* where there is no room for it, state->map has to do */
        (void)userkeep_note(context, map);
        r = subuid_read(subuid);
        if (!r)
                r = usersubordinates_set(map, subuid);
        if (r < 0)
                context_report(context, LOG_WARNING,
                               "users' ledger: cannot tell the kernel all ranges of /etc/subuid: "
                               "%s; a user may take more rows than his part",
                               strerror(-r));
        return 0;
}

/* Whoever logs in is a user, also one whom a directory service has. */
static void userledger_leave_out(const struct userledger *run) {
        for (uint32_t i = 0; run->live && run->subuid.n && i < run->live->n; i++)
                if (run->live->logins[i].uid >= 0)
                        (void)usersubordinates_leave_out(run->reading.map,
                                                         (uint32_t)run->live->logins[i].uid);
}

/* Take away what counts, and then read what it had. Where it cannot be taken away, nothing is
 * recorded and no row is removed: whoever keeps the ledger again has all of it. Return: 1 so. */
static int userledger_leave(struct userledger *run) {
        int r;

        if (!userkeep_is_own(run->context, run->state, run->reading.map)) {
                userreading_close(&run->reading);
                return 0;
        }
        if (userkeep_remove(run->context) < 0)
                return 1;
        r = run->reading.map ? userreading_read(&run->reading) : 0;
        return r < 0 ? userledger_failed(run->context, "cannot read what the kernel counted", r)
                     : 0;
}

/* Open and read what counts, if anything does. Return: 1: nothing is to be done. */
static int userledger_read(struct userledger *run) {
        int r = userreading_open(&run->reading);

        /* doctor says why, and what to do; a reap does not say it every minute */
        if (r == USERREADING_E_NONE)
                return 0;
        if ((!r || r == USERMAP_E_OTHER) && !run->context->settings->users)
                return userledger_leave(run);
        if (!r) {
                r = userledger_tell(run->context, run->reading.map, &run->subuid);
                if (r < 0)
                        return r;
                userledger_leave_out(run);
                r = userreading_read(&run->reading);
        }
        return r ? userledger_failed(run->context, "cannot read what the kernel counted", r) : 0;
}

static int userledger_update(struct userledger *run) {
        bool fresh = run->loaded != USERLOAD_ALL;
        int r = userreading_update(&run->reading, run->boot_id, run->state, fresh);

        if (r < 0)
                return userledger_failed(run->context, "cannot bring its accounts up to date", r);
        if (run->loaded == USERLOAD_NONE && run->reading.forgot)
                userload_gone(run->context);
        for (size_t i = 0; run->loaded == USERLOAD_LOST && i < run->state->n; i++)
                run->state->accounts[i].whole = false;
        return 0;
}

/* Name the logins that are open. */
static int userledger_name(struct userledger *run) {
        int r = 0;

        for (size_t i = 0; !r && run->live && i < run->state->n; i++) {
                struct useraccount *account = &run->state->accounts[i];
                const char *session;

                if (account->session == FIELD_UNKNOWN || account->boot_id || account->ssh_session)
                        continue;
                session = userlive_find(run->live, account->session);
                if (!session)
                        continue;
                r = text_copy(&account->ssh_session, session);
                run->state->changed = true;
        }
        return r;
}

static bool userledger_may_end(const struct userledger *run, const struct useraccount *account) {
        if (!run->live)
                return !account->over;
        /* since this reading, and so since it was last saved */
        if (!useraccounts_is_quiet(account, run->reading.boottime, userledger_interval(run)) ||
            run->live->failed)
                return false;
        /* a row of the rest tells of its owner's logins that some of their bytes may be in it */
        return account->who == USERACCOUNT_REST
                       ? !run->subuid.failed && !userlive_has(run->live, &run->subuid,
                                                              account->owner, account->moved)
                       : !userlive_find(run->live, account->session);
}

/* End the accounts that are quiet: what their rows had when they were removed is the last that is
 * added. Whoever is killed before that is saved leaves accounts whose rows are gone, and those say
 * that something may be missing. */
static void userledger_take(struct userledger *run) {
        for (size_t i = 0; run->reading.map && i < run->state->n; i++) {
                struct useraccount *account = &run->state->accounts[i];

                if (account->over || !userledger_may_end(run, account))
                        continue;
                for (int part = 0; part < USERACCOUNT_PARTS; part++) {
                        struct userlayout_key key = useraccounts_key(account, part);
                        struct traffic last;
                        int r = usermap_take(run->reading.map, &key, &last);

                        if (!r)
                                useraccounts_settle(account, part, &last);
                        else if (r != -ENOENT)
                                account->whole = false;
                }
                useraccounts_over(account, clock_now(CLOCK_REALTIME));
                run->state->changed = true;
        }
}

/* Record what is due. Where all accounts end, all of them are: nobody may come again for the rest.
 */
static int userledger_record(struct userledger *run, struct userbatch *batch) {
        const uint64_t interval = run->live ? userledger_interval(run) : 0;
        const struct session_context *context = run->context;
        const size_t n = run->state->n;
        int r = userbatch_write(batch, interval);

        while (!r && !run->live && batch->rest) {
                if (context->progress)
                        context->progress(context->context, "users' ledger: recording accounts",
                                          n - batch->rest, n);
                r = userbatch_write(batch, interval);
        }
        if (context->progress)
                context->progress(context->context, "", n, n);
        return r;
}

static int userledger_run(struct userledger *run) {
        struct userbatch batch = { .context = run->context, .folder_fd = run->folder_fd };
        int r, settled;

        r = userload_run(run->context, run->folder_fd, &run->state, &run->loaded);
        if (r < 0)
                return r;
        batch.state = run->state;
        settled = userbatch_settle(&batch);
        r = userledger_read(run);
        if (r)
                return r;
        r = userledger_update(run);
        if (!r)
                r = userledger_name(run);
        if (r < 0)
                return r;
        /* before any is removed: those are counted out by the next run */
        if (run->reading.map)
                (void)userowners_recount(run->reading.map, run->reading.rows, run->reading.n_rows);
        userledger_take(run);
        if (!run->live)
                usergap_end(run->state);
        r = userledger_record(run, &batch);
        if (r < 0)
                return r;
        if (run->reading.map)
                (void)usermap_note_saved(run->reading.map);
        return settled;
}

static int userledger_begin(struct userledger *run, const struct session_context *context,
                            int folder_fd, uint64_t patience) {
        uint64_t deadline = clock_now(CLOCK_MONOTONIC) + patience;
        int r = statelock_take(folder_fd, STATELOCK_USERS, deadline, &run->lock_fd);

        run->context = context;
        run->folder_fd = folder_fd;
        /* another one does it just now */
        if (r == -ETIMEDOUT && !patience)
                return 1;
        if (r < 0)
                context_report(context, LOG_ERR, "users' ledger: cannot take its lock: %s",
                               statelock_reason(r));
        return r;
}

/* Whether there is anything to do: the ledger is kept, or was. */
static bool userledger_is_wanted(const struct session_context *context, int folder_fd) {
        return context->settings->users ||
               !faccessat(folder_fd, "users", F_OK, AT_SYMLINK_NOFOLLOW) ||
               userkeep_is_own(context, NULL, NULL);
}

/**
 * userledger_reap() - bring the accounts up to date, and write the records that are due
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 * @boot_id:    this boot
 * @live:       the logins that are open
 *
 * Where somebody else does that just now, nothing is done.
 *
 * Return: 0, or a negative errno if something was left undone, which has been reported.
 */
int userledger_reap(const struct session_context *context, int folder_fd, const char *boot_id,
                    const struct userlive *live) {
        _cleanup_(userledger_end) struct userledger run = { .lock_fd = -1 };
        int r;

        /* with users = yes, the next setup does it */
        if (!context->settings->users)
                (void)userkeep_tidy(context);
        if (!userledger_is_wanted(context, folder_fd))
                return 0;
        r = userledger_begin(&run, context, folder_fd, 0);
        run.boot_id = boot_id;
        /* one that is not kept any more ends */
        run.live = context->settings->users ? live : NULL;
        if (!r)
                r = userledger_run(&run);
        return r < 0 ? r : 0;
}

/**
 * userledger_conclude() - end all accounts, and record what they have
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 *
 * With users = no, the kernel counts no more then.
 *
 * Return: 0, or a negative errno if something was left undone, which has been reported.
 */
int userledger_conclude(const struct session_context *context, int folder_fd) {
        _cleanup_(userledger_end) struct userledger run = { .lock_fd = -1 };
        _cleanup_(freep) char *boot_id = NULL;
        int r;

        if (!userledger_is_wanted(context, folder_fd))
                return 0;
        r = context_boot_id(context, &boot_id);
        if (!r)
                r = userledger_begin(&run, context, folder_fd, USERLEDGER_PATIENCE);
        run.boot_id = boot_id;
        if (!r)
                r = userledger_run(&run);
        return r > 0 ? -EBUSY : r;
}

/**
 * userledger_teardown() - end all accounts, and have the kernel count no more
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 *
 * Return: 0, or a negative errno if something was left undone, which has been reported.
 */
int userledger_teardown(const struct session_context *context, int folder_fd) {
        int r = userledger_conclude(context, folder_fd);

        if (r < 0)
                return r;
        return context->settings->users ? userkeep_remove(context) : userkeep_tidy(context);
}

/**
 * userledger_setup() - tell the kernel what it counts by
 * @context:    the settings and the listener
 * @folder_fd:  the state folder
 *
 * With users = no, have it count no more.
 *
 * Return: 0, or a negative errno, which has been reported.
 */
int userledger_setup(const struct session_context *context, int folder_fd) {
        _cleanup_(usermap_closep) struct usermap *map = NULL;
        _cleanup_(subuid_clear) struct subuid subuid = { .n = 0 };
        int r;

        if (!context->settings->users) {
                r = usermap_is_loaded() ? userledger_conclude(context, folder_fd) : 0;
                return r < 0 ? r : userkeep_tidy(context);
        }
        r = usermap_open(&map);
        if (r == USERMAP_E_NOT_LOADED)
                return 0;
        return r ? userledger_failed(context, "cannot open its maps", r)
                 : userledger_tell(context, map, &subuid);
}
