/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The accounts of the users' ledger, brought up to date.
 *
 * Owns: what a reading of the kernel's rows means for the accounts. An account is of one user, or
 * of one of his logins, within one boot; its total only grows. If its rows are gone, or are of
 * another map, what they had when they were last read stays in the total, and the account says that
 * something may be missing. So says each account if a packet found no row: whose it was is not
 * known. Pure.
 */

#include "userledger/useraccounts.h"

#include "base/map.h"
#include "base/patience.h"
#include "base/text.h"
#include "base/uuid.h"
#include "store/fields.h"
#include "userledger/usergap.h"

#include <errno.h>
#include <string.h>

/* the state folder and the kernel's rows have the same numbers */
_Static_assert((int)USERLAYOUT_USER == (int)USERACCOUNT_USER, "user");
_Static_assert((int)USERLAYOUT_KERNEL == (int)USERACCOUNT_KERNEL, "kernel");
_Static_assert((int)USERLAYOUT_UNKNOWN == (int)USERACCOUNT_UNKNOWN, "unknown");
_Static_assert((int)USERLAYOUT_REST == (int)USERACCOUNT_REST, "rest");

static int64_t useraccounts_number(uint32_t number) {
        return number == USERLAYOUT_NONE ? FIELD_UNKNOWN : (int64_t)number;
}

static uint32_t useraccounts_kernel_number(int64_t number) {
        return number == FIELD_UNKNOWN ? USERLAYOUT_NONE : (uint32_t)number;
}

/**
 * useraccounts_key() - tell in which row the kernel counts for an account
 * @account:    the account
 * @part:       USERACCOUNT_COUNTED or USERACCOUNT_EXCLUDED
 *
 * Return: the row's key.
 */
struct userlayout_key useraccounts_key(const struct useraccount *account, int part) {
        return (struct userlayout_key){
                .uid = useraccounts_kernel_number(account->uid),
                .session = useraccounts_kernel_number(account->session),
                .owner = useraccounts_kernel_number(account->owner),
                .who = (uint16_t)account->who,
                .excluded = (uint16_t)part,
        };
}

/* The accounts of one state, by the keys of their rows. */
struct useraccounts_index {
        struct userlayout_key *keys;
        bool *seen;
        struct map places;
        size_t room;
};

static void useraccounts_index_clear(struct useraccounts_index *index) {
        free(index->keys);
        free(index->seen);
        map_clear(&index->places);
}

static uint64_t useraccounts_hash(const struct userlayout_key *key) {
        return map_hash(0, key, sizeof(*key));
}

static int useraccounts_index_add(struct useraccounts_index *index,
                                  const struct useraccount *account, size_t i) {
        index->keys[i] = useraccounts_key(account, USERACCOUNT_COUNTED);
        index->seen[i] = false;
        return map_add(&index->places, useraccounts_hash(&index->keys[i]), (uint32_t)i);
}

static int useraccounts_index_make(struct useraccounts_index *index, const struct userstate *state,
                                   size_t more) {
        int r = 0;

        index->room = state->n + more;
        index->keys = calloc(index->room + 1, sizeof(*index->keys));
        index->seen = calloc(index->room + 1, sizeof(*index->seen));
        if (!index->keys || !index->seen)
                return -ENOMEM;
        for (size_t i = 0; !r && i < state->n; i++)
                if (!state->accounts[i].over)
                        r = useraccounts_index_add(index, &state->accounts[i], i);
        return r;
}

/* The account of a row. Where packets were ever lost, the first ones of an account that begins now
 * may be among them: there was no row for them. */
static int useraccounts_of(struct userstate *state, struct useraccounts_index *index,
                           const struct userlayout_key *row,
                           const struct useraccounts_reading *reading, size_t *ret_i) {
        const struct map_keys keys = { index->keys, sizeof(*index->keys), 0, sizeof(*index->keys) };
        struct userlayout_key key = *row;
        struct useraccount *account;
        char id[UUID_TEXT_MAX];
        const uint32_t *place;
        int r;

        key.excluded = USERACCOUNT_COUNTED;
        place = map_find(&index->places, useraccounts_hash(&key), &keys, &key);
        if (place) {
                *ret_i = *place;
                return 0;
        }
        r = uuid_new(reading->realtime, id);
        if (!r)
                r = userstate_add(state, id, &account);
        if (r < 0)
                return r;
        account->uid = useraccounts_number(key.uid);
        account->session = useraccounts_number(key.session);
        account->owner = useraccounts_number(key.owner);
        account->who = key.who;
        account->whole = !reading->lost;
        *ret_i = state->n - 1;
        return useraccounts_index_add(index, account, *ret_i);
}

static bool useraccounts_shrank(const struct counter *now, const struct counter *last) {
        return now->bytes < last->bytes || now->packets < last->packets;
}

static void useraccounts_grow(struct counter *total, const struct counter *now,
                              const struct counter *last) {
        total->bytes += now->bytes - last->bytes;
        total->packets += now->packets - last->packets;
}

/**
 * useraccounts_settle() - take what a row has now
 * @account:    the account
 * @part:       USERACCOUNT_COUNTED or USERACCOUNT_EXCLUDED
 * @now:        what the row has
 */
void useraccounts_settle(struct useraccount *account, int part, const struct traffic *now) {
        struct traffic *last = &account->last[part], *total = &account->total[part];

        if (useraccounts_shrank(&now->in, &last->in) ||
            useraccounts_shrank(&now->out, &last->out)) {
                /* somebody removed the row, and what it had by then is not known */
                *last = (struct traffic){ .in = { 0 } };
                account->whole = false;
        }
        useraccounts_grow(&total->in, &now->in, &last->in);
        useraccounts_grow(&total->out, &now->out, &last->out);
        *last = *now;
}

/**
 * useraccounts_over() - end an account: nothing is counted for it any more
 * @account:    the account
 * @realtime:   since when
 */
void useraccounts_over(struct useraccount *account, uint64_t realtime) {
        account->over = true;
        account->ended = (int64_t)realtime;
}

/* The accounts of an earlier boot. */
static int useraccounts_reboot(struct userstate *state, const char *boot_id) {
        int r = 0;

        for (size_t i = 0; !r && i < state->n; i++) {
                struct useraccount *account = &state->accounts[i];

                if (account->boot_id)
                        continue;
                r = text_copy(&account->boot_id, state->boot_id);
                if (account->over)
                        continue;
                /* what came after the last reading is lost */
                account->whole = false;
                useraccounts_over(account, (uint64_t)state->seen_realtime);
        }
        return r < 0 ? r : text_replace(&state->boot_id, boot_id);
}

/**
 * useraccounts_begin() - bring accounts to this boot, and to the map that counts now
 * @state:      the accounts
 * @reading:    which boot and map
 *
 * Return: 0 or -ENOMEM.
 */
int useraccounts_begin(struct userstate *state, const struct useraccounts_reading *reading) {
        const bool rebooted = !state->boot_id || strcmp(state->boot_id, reading->boot_id) != 0;
        const bool replaced = reading->map != FIELD_UNKNOWN && state->map != reading->map;
        int r = 0;

        usergap_look(state, reading);
        if (rebooted)
                r = useraccounts_reboot(state, reading->boot_id);
        for (size_t i = 0; !r && i < state->n; i++) {
                struct useraccount *account = &state->accounts[i];

                if (account->over)
                        continue;
                if (replaced)
                        memset(account->last, 0, sizeof(account->last));
                if (account->whole && (state->n_marks || !reading->whole)) {
                        account->whole = false;
                        state->changed = true;
                }
        }
        if (replaced) {
                state->map = reading->map;
                state->lost = 0;
        }
        state->changed = state->changed || replaced || (rebooted && state->n);
        return r;
}

/* Packets found no row since the last reading. A row that is there counts on, so they are of some
 * user or login that had none then, or of the excluded traffic of one that had no row for that. An
 * account that did not move may be theirs as well, so each that is open says it, once. */
static void useraccounts_lose(struct userstate *state, uint64_t lost) {
        if (lost > (uint64_t)(state->lost == FIELD_UNKNOWN ? 0 : state->lost)) {
                for (size_t i = 0; i < state->n; i++)
                        if (!state->accounts[i].over)
                                state->accounts[i].whole = false;
                state->changed = true;
        }
        state->lost = (int64_t)lost;
}

/**
 * useraccounts_take() - bring accounts up to date
 * @state:      the accounts, after useraccounts_begin()
 * @reading:    the moment
 * @rows:       all rows that there are
 * @n:          how many
 *
 * Return: 0, or a negative errno: then nothing is to be saved.
 */
int useraccounts_take(struct userstate *state, const struct useraccounts_reading *reading,
                      const struct usermap_row *rows, size_t n) {
        _cleanup_(useraccounts_index_clear) struct useraccounts_index index = { .room = 0 };
        int r = useraccounts_index_make(&index, state, n);

        for (size_t i = 0; !r && i < n; i++) {
                const struct userlayout_key *key = &rows[i].key;
                struct useraccount *account;
                int part = key->excluded ? USERACCOUNT_EXCLUDED : USERACCOUNT_COUNTED;
                struct traffic before;
                bool waited;
                size_t place;

                if (key->who >= USERACCOUNT_WHOS)
                        continue;
                r = useraccounts_of(state, &index, key, reading, &place);
                if (r < 0)
                        break;
                account = &state->accounts[place];
                index.seen[place] = true;
                before = account->total[part];
                waited = !userstate_account_moved(account);
                useraccounts_settle(account, part, &rows[i].traffic);
                if (!traffic_equal(&before, &account->total[part])) {
                        account->moved = (int64_t)reading->boottime;
                        account->woke = account->woke || waited;
                        state->changed = true;
                }
                if (!reading->whole)
                        account->whole = false;
        }
        if (!r)
                useraccounts_lose(state, reading->lost);
        for (size_t i = 0; !r && i < state->n; i++) {
                struct useraccount *account = &state->accounts[i];
                const struct traffic nothing[USERACCOUNT_PARTS] = { { .in = { 0 } } };

                if (account->over || index.seen[i])
                        continue;
                /* of a new map it may get rows yet; else somebody has removed them */
                if (memcmp(account->last, nothing, sizeof(nothing)) != 0) {
                        account->whole = false;
                        useraccounts_over(account, reading->realtime);
                        state->changed = true;
                }
        }
        if (!r) {
                state->seen_before = state->seen_realtime;
                state->seen_realtime = (int64_t)reading->realtime;
        }
        return r;
}

/**
 * useraccounts_forget() - begin all accounts with what the rows have now
 * @state:      the accounts, which were just made of rows that had accounts before
 */
void useraccounts_forget(struct userstate *state) {
        for (size_t i = 0; i < state->n; i++) {
                struct useraccount *account = &state->accounts[i];

                memset(account->total, 0, sizeof(account->total));
                account->whole = false;
        }
}

/**
 * useraccounts_has_news() - tell whether an account has anything to tell
 * @account:    the account
 *
 * That is also that bytes may be missing of it, where no record of it is there yet: it may never
 * move anything again, and nothing else says so.
 *
 * Return: true if so.
 */
bool useraccounts_has_news(const struct useraccount *account) {
        return userstate_account_moved(account) ||
               (!account->whole && account->reported_at == FIELD_UNKNOWN);
}

/**
 * useraccounts_is_due() - tell whether it is time for an account's next record
 * @account:    the account
 * @boottime:   now
 * @interval:   the time between two records, microseconds
 *
 * Return: true if so.
 */
bool useraccounts_is_due(const struct useraccount *account, uint64_t boottime, uint64_t interval) {
        if (!useraccounts_has_news(account))
                return false;
        return account->over || account->reported_at == FIELD_UNKNOWN ||
               account->reported_at > (int64_t)boottime ||
               boottime - (uint64_t)account->reported_at >= interval;
}

/**
 * useraccounts_slept() - tell whether an account moved nothing for long before what it moved now
 * @state:      the accounts, after useraccounts_take()
 * @account:    one of them, which is due
 * @boottime:   now
 * @interval:   the time between two records, microseconds
 *
 * Then a record of the reading before this one says so: readers take it that what a record has more
 * than the one before was moved between the two, at an even pace.
 *
 * Return: true if so.
 */
bool useraccounts_slept(const struct userstate *state, const struct useraccount *account,
                        uint64_t boottime, uint64_t interval) {
        int64_t since = account->reported_at, now = (int64_t)boottime;

        return account->woke && since != FIELD_UNKNOWN && since <= now &&
               state->seen_before != FIELD_UNKNOWN && state->seen_before < state->seen_realtime &&
               now - since - (state->seen_realtime - state->seen_before) >= (int64_t)interval;
}

/**
 * useraccounts_is_quiet() - tell whether an account has moved nothing for long enough to be ended
 * @account:    the account, of a login that is over, or of no login, or of a user's rest
 * @boottime:   now
 * @interval:   the time between two records, microseconds
 *
 * Return: true if so.
 */
bool useraccounts_is_quiet(const struct useraccount *account, uint64_t boottime,
                           uint64_t interval) {
        bool is_user = account->who == USERACCOUNT_USER;
        uint64_t quiet = is_user && account->session == FIELD_UNKNOWN ? USERLEDGER_QUIET : interval;

        return !account->over && (is_user || account->who == USERACCOUNT_REST) &&
               account->moved != FIELD_UNKNOWN && (uint64_t)account->moved + quiet <= boottime;
}
