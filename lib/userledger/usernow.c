/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the users' ledger would record now.
 *
 * Owns: a look that changes nothing, and waits for no lock. Only root can read the accounts and
 * what the kernel has counted.
 */

#include "userledger/usernow.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/patience.h"
#include "store/userstate.h"
#include "userledger/useraccounts.h"
#include "userledger/usergap.h"
#include "userledger/usernames.h"
#include "userledger/userreading.h"
#include "userledger/userrecord.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define USERNOW_BOOT_ID "/proc/sys/kernel/random/boot_id"
#define USERNOW_BOOT_ID_MAX 64

/**
 * usernow_free() - end what usernow_read() made
 * @now:        the records, or NULL
 *
 * Return: NULL.
 */
struct usernow *usernow_free(struct usernow *now) {
        if (!now)
                return NULL;
        for (size_t i = 0; i < now->n; i++)
                (void)record_free(now->records[i]);
        free(now->records);
        free(now);
        return NULL;
}

/* Takes the record over. */
static int usernow_put(struct usernow *now, struct record *record) {
        if (now->n == now->room) {
                size_t room = 2 * now->room + 16;
                struct record **records = reallocarray(now->records, room, sizeof(struct record *));

                if (!records) {
                        (void)record_free(record);
                        return -ENOMEM;
                }
                now->records = records;
                now->room = room;
        }
        now->records[now->n++] = record;
        return 0;
}

static int usernow_put_pending(struct usernow *now, const struct userstate *state) {
        int r = 0;

        for (const char *line = state->pending.lines; !r && line && *line;) {
                size_t size = strcspn(line, "\n");
                struct record *record;
                const char *field;

                r = record_decode(line, size, &record, &field);
                r = r < 0 ? r : r ? 0 : usernow_put(now, record);
                line += size + (line[size] != '\0');
        }
        return r;
}

static int usernow_put_account(struct usernow *now, const struct userstate *state,
                               const struct useraccount *account, bool quiet) {
        struct record *record;
        int r = userrecord_make(state, account, quiet, &record);

        return r < 0 ? r : usernow_put(now, record);
}

static int usernow_put_marks(struct usernow *now, const struct userstate *state) {
        int r = 0;

        for (size_t i = 0; !r && i < state->n_marks; i++) {
                struct record *record;

                r = usergap_make(&state->marks[i], &record);
                if (!r)
                        r = usernow_put(now, record);
        }
        return r;
}

static int usernow_put_accounts(struct usernow *now, struct userstate *state) {
        uint64_t boottime = clock_now(CLOCK_BOOTTIME);
        int r = 0;

        for (size_t i = 0; i < state->n; i++)
                state->accounts[i].due = useraccounts_has_news(&state->accounts[i]);
        usernames_fill(state, clock_now(CLOCK_MONOTONIC) + USERNAMES_PATIENCE);
        for (size_t i = 0; !r && i < state->n; i++) {
                struct useraccount *account = &state->accounts[i];

                if (!account->due)
                        continue;
                if (useraccounts_slept(state, account, boottime, 0)) {
                        r = usernow_put_account(now, state, account, true);
                        account->seq++;
                }
                if (!r)
                        r = usernow_put_account(now, state, account, false);
        }
        return r;
}

static int usernow_look(const struct settings *settings, struct userstate **ret_state) {
        _cleanup_(userreading_close) struct userreading reading = { .map = NULL };
        _cleanup_(userstate_freep) struct userstate *state = NULL;
        _cleanup_(freep) char *boot_id = NULL;
        _cleanup_(fd_closep) int folder_fd = -1;
        bool fresh;
        const char *field;
        size_t size;
        int r;

        folder_fd = open(settings->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder_fd < 0)
                return -errno;
        r = userfolder_load(folder_fd, &state, &field);
        fresh = r > 0;
        if (fresh)
                r = userstate_new(&state);
        if (!r)
                r = file_read_at(AT_FDCWD, USERNOW_BOOT_ID, USERNOW_BOOT_ID_MAX, &boot_id, &size);
        if (r)
                return r < 0 ? r : -EIO;
        boot_id[strcspn(boot_id, "\n")] = '\0';
        if (settings->users)
                r = userreading_open(&reading);
        if (!r && reading.map)
                r = userreading_read(&reading);
        if (!r || r == USERREADING_E_NONE)
                r = userreading_update(&reading, boot_id, state, fresh);
        if (r)
                return r < 0 ? r : -EIO;
        *ret_state = pointer_steal(&state);
        return 0;
}

/**
 * usernow_read() - look what would be recorded now
 * @settings:   name the state folder
 * @ret_now:    the records
 *
 * Return: 0, or a negative errno; -EACCES: only root may.
 */
int usernow_read(const struct settings *settings, struct usernow **ret_now) {
        _cleanup_(userstate_freep) struct userstate *state = NULL;
        _cleanup_(usernow_freep) struct usernow *now = calloc(1, sizeof(*now));
        int r;

        if (!now)
                return -ENOMEM;
        r = usernow_look(settings, &state);
        if (!r)
                r = usernow_put_pending(now, state);
        if (!r)
                r = usernow_put_marks(now, state);
        if (!r)
                r = usernow_put_accounts(now, state);
        if (!r)
                *ret_now = pointer_steal(&now);
        return r;
}
